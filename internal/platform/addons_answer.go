package platform

import (
	"cmp"
	"encoding/json"
	"slices"
)

// addOnsAnswer reads the add-ons of a node: objects or names. The shape is unverified. An add-on may take part in a
// migration, so an element that cannot be read still counts as one.
type addOnsAnswer []addOnAnswer

type addOnAnswer struct {
	UniqueName    text `json:"uniqueName"`
	AppUniqueName text `json:"appUniqueName"`
	AppTemplateID text `json:"appTemplateId"`
	AppID         text `json:"app_id"`
	ID            text `json:"id"`
	Name          text `json:"name"`
	DisplayName   text `json:"displayName"`
}

func (a *addOnsAnswer) UnmarshalJSON(data []byte) error {
	*a = nil
	var list []json.RawMessage
	_ = json.Unmarshal(data, &list) // anything but a list counts as none
	for _, element := range list {
		var one addOnAnswer
		if element[0] == '{' {
			_ = lenient(element, &one)
		} else {
			_ = json.Unmarshal(element, &one.Name) // text never fails
		}
		*a = append(*a, one)
	}
	return nil
}

func (a addOnsAnswer) addOns() []AddOn {
	var all []AddOn
	for _, one := range a {
		id := string(cmp.Or(one.UniqueName, one.AppUniqueName, one.AppTemplateID, one.AppID, one.ID))
		all = append(all, AddOn{ID: id, Name: cmp.Or(string(one.Name), string(one.DisplayName), id)})
	}
	slices.SortFunc(all, func(x, y AddOn) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	return all
}
