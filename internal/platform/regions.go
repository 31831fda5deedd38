package platform

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// datacenterAnswer is what the platform calls a region: the parent of the regions that users know.
type datacenterAnswer struct {
	UniqueName         text            `json:"uniqueName"`
	DisplayName        text            `json:"displayName"`
	Domain             text            `json:"domain"`
	IsMigrationAllowed *flag           `json:"isMigrationAllowed"`
	Status             text            `json:"status"`
	IsDefault          flag            `json:"isDefault"`
	HardNodeGroups     json.RawMessage `json:"hardNodeGroups"`
	HardwareNodeGroups json.RawMessage `json:"hardwareNodeGroups"`
}

type regionAnswer struct {
	UniqueName       text  `json:"uniqueName"`
	DisplayName      text  `json:"displayName"`
	Description      prose `json:"description"`
	ShortDescription prose `json:"shortDescription"`
	IsEnabled        flag  `json:"isEnabled"`
	IsDefault        flag  `json:"isDefault"`
	Status           text  `json:"status"`
	L3Group          text  `json:"l3Group"`
	VTypes           texts `json:"vTypes"`
}

// Regions returns all environment regions that the platform lists, in its order, each with its data centre. A data
// centre without environment regions adds none.
func (c *Client) Regions(ctx context.Context) ([]Region, error) {
	r := read("environment/control/getregions", "")
	datacenters, err := callList(ctx, c, r, nil, "array", keep[datacenterAnswer])
	if err != nil {
		return nil, err
	}
	var all []Region
	for _, d := range datacenters {
		groups := d.HardNodeGroups
		if len(groups) == 0 {
			groups = d.HardwareNodeGroups
		}
		regions, err := decodeList[regionAnswer](groups)
		if err != nil {
			return nil, r.malformed(err)
		}
		for _, one := range regions {
			if one.UniqueName != "" {
				all = append(all, one.region(d.datacenter()))
			}
		}
	}
	return all, nil
}

func (d datacenterAnswer) datacenter() Datacenter {
	return Datacenter{
		Name:             string(d.UniqueName),
		DisplayName:      string(d.DisplayName),
		Domain:           string(d.Domain),
		MigrationAllowed: d.IsMigrationAllowed == nil || bool(*d.IsMigrationAllowed),
		InMaintenance:    inMaintenance(d.Status),
		Default:          bool(d.IsDefault),
	}
}

func (r regionAnswer) region(datacenter Datacenter) Region {
	description := r.Description
	if description == "" {
		description = r.ShortDescription
	}
	return Region{
		Name:           string(r.UniqueName),
		DisplayName:    string(r.DisplayName),
		Description:    string(description),
		Datacenter:     datacenter,
		Enabled:        bool(r.IsEnabled),
		InMaintenance:  inMaintenance(r.Status),
		Default:        bool(r.IsDefault),
		L3Group:        string(r.L3Group),
		Virtualization: r.VTypes.strings(),
	}
}

func inMaintenance(status text) bool {
	return strings.EqualFold(string(status), wire.RegionMaintenance)
}
