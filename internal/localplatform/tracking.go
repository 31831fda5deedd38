package localplatform

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/tracking", map[string]*method{
		"getcurrentactions": {run: (*call).getCurrentActions, reads: true},
		"getuidactions":     {run: (*call).getUIDActions, reads: true},
		"searchactions":     {run: (*call).searchActions, required: []string{"search"}, reads: true},
		"getaction":         {run: (*call).getAction, required: []string{"id"}, reads: true},
		"getserverutctime":  {run: (*call).getServerUTCTime, reads: true},
	})
}

// visible says whether the action is in the caller's log: what the caller did and what was done to its environments,
// but not what owners do to environments that they share.
func (c *call) visible(a *action) bool {
	return a.UID == c.account.UID || a.Owner == c.account.UID
}

// showAction returns the action as the caller sees it.
func (c *call) showAction(a *action) wire.Action {
	shift := c.hooks.LogShift()
	shown := wire.Action{
		ID: a.ID, UID: a.UID, AppID: a.AppID, Email: a.Email, ActionType: "PUBLIC", Service: a.Service,
		Text: &wire.ActionText{Env: a.Env, HNGroupName: a.Region}, RequestUniqueKey: a.RequestKey,
		StartDate: a.Start.Add(shift).Format(wire.TimeLayout),
		Action:    wire.ActionKind{ID: a.Kind, ActionKey: a.Key, Type: "PUBLIC"},
	}
	if len(a.Args) > 0 {
		// It is likely that the log has the arguments. The format is unverified.
		args, _ := json.Marshal(a.Args) // strings always marshal
		shown.Args = string(args)
	}
	if !a.Running {
		shown.EndDate, shown.Result, shown.Error = a.End.Add(shift).Format(wire.TimeLayout), &a.Result, a.Words
	}
	return shown
}

func (c *call) getCurrentActions() (any, error) {
	list := []wire.Action{}
	err := c.view(func(t *tx) error {
		return c.runningActions(t, func(id int64) error {
			a, ok, err := get[action](t.bolt.Bucket(bucketActions), idKey(id))
			if ok && c.visible(&a) && c.actionAsSeen(t, &a) && a.Running {
				list = append(list, c.showAction(&a))
			}
			return err
		})
	})
	return arrayAnswer{Array: list}, err
}

// unorderedKey is set if actions may start in a different order than their ids.
var unorderedKey = []byte("unordered")

func (t *tx) markUnordered() error { return t.bolt.Bucket(bucketMeta).Put(unorderedKey, []byte("1")) }

func (t *tx) unordered() bool { return t.bolt.Bucket(bucketMeta).Get(unorderedKey) != nil }

// latestFirst calls f for the actions in the caller's log, newest first, until f returns false.
func (c *call) latestFirst(t *tx, f func(*action) bool) error {
	cursor := t.bolt.Bucket(bucketActions).Cursor()
	for key, value := cursor.Last(); key != nil; key, value = cursor.Prev() {
		var a action
		if err := json.Unmarshal(value, &a); err != nil {
			return &recordError{fmt.Sprintf("action %x", key), err}
		}
		if c.visible(&a) && c.actionAsSeen(t, &a) && !f(&a) {
			return nil
		}
	}
	return nil
}

// instant parses a time in the log's format, to the second. An empty text gives the zero time.
func (c *call) instant(parameter, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation(wire.TimeLayout, text, time.UTC)
	if err != nil {
		return at, invalid(parameter, "[%s] is not a time like [%s]", text, wire.TimeLayout)
	}
	return at.Add(-c.hooks.LogShift()), nil
}

// within compares to the second, the precision of the times on the wire.
func (a *action) within(from, to time.Time) bool {
	start := a.Start.Truncate(time.Second)
	return !start.Before(from) && (to.IsZero() || !start.After(to))
}

// getUIDActions lists finished actions, newest first.
func (c *call) getUIDActions() (any, error) {
	count, err := c.integer("count")
	if err != nil {
		return nil, err
	}
	if count <= 0 {
		count = 10
	}
	from, err := c.instant("starttime", c.value("starttime"))
	if err != nil {
		return nil, err
	}
	to, err := c.instant("endtime", c.value("endtime"))
	if err != nil {
		return nil, err
	}
	list := []wire.Action{}
	err = c.view(func(t *tx) error {
		return c.latestFirst(t, func(a *action) bool {
			if !a.Running && a.within(from, to) {
				list = append(list, c.showAction(a))
			}
			return len(list) < count && (!a.Start.Truncate(time.Second).Before(from) || t.unordered())
		})
	})
	return arrayAnswer{Array: list}, err
}

// actionSearch is the supported part of searchactions' search parameter.
type actionSearch struct {
	StartRow       int      `json:"startRow"`
	ResultCount    int      `json:"resultCount"`
	StartDate      string   `json:"startDate"`
	EndDate        string   `json:"endDate"`
	OrderDirection string   `json:"orderDirection"`
	OnlyErrors     bool     `json:"onlyErrors"`
	OnlyCompleted  bool     `json:"onlyCompleted"`
	ResultCode     *int     `json:"resultCode"`
	ServiceName    string   `json:"serviceName"`
	AppIDs         []string `json:"appids"`
	UID            int64    `json:"uid"`
	ID             int64    `json:"id"`
	Value          string   `json:"value"`
}

func (s *actionSearch) matches(a *action, from, to time.Time) bool {
	switch {
	case !a.within(from, to),
		s.OnlyErrors && (a.Running || a.Result == wire.ResultOK),
		s.OnlyCompleted && a.Running,
		s.ResultCode != nil && (a.Running || a.Result != *s.ResultCode),
		s.ServiceName != "" && !strings.EqualFold(s.ServiceName, a.Service),
		len(s.AppIDs) > 0 && !slices.Contains(s.AppIDs, a.AppID),
		s.UID != 0 && s.UID != a.UID,
		s.ID != 0 && s.ID != a.ID,
		s.Value != "" && !strings.Contains(a.Env+" "+a.Region+" "+a.Key, s.Value):
		return false
	}
	return true
}

type searchAnswer struct {
	Result     int           `json:"result"`
	TotalCount int           `json:"totalCount"`
	Array      []wire.Action `json:"array"`
}

func (c *call) searchActions() (any, error) {
	var s actionSearch
	if err := c.decode("search", &s); err != nil {
		return nil, err
	}
	from, err := c.instant("startDate", s.StartDate)
	if err != nil {
		return nil, err
	}
	to, err := c.instant("endDate", s.EndDate)
	if err != nil {
		return nil, err
	}
	found := []wire.Action{}
	err = c.view(func(t *tx) error {
		return c.latestFirst(t, func(a *action) bool {
			if s.matches(a, from, to) {
				found = append(found, c.showAction(a))
			}
			return true
		})
	})
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(s.OrderDirection, "ASC") {
		slices.Reverse(found)
	}
	answer := searchAnswer{TotalCount: len(found), Array: found[min(max(s.StartRow, 0), len(found)):]}
	if s.ResultCount > 0 && s.ResultCount < len(answer.Array) {
		answer.Array = answer.Array[:s.ResultCount]
	}
	return answer, nil
}

func (c *call) getAction() (any, error) {
	id, err := c.integer("id")
	if err != nil {
		return nil, err
	}
	var shown wire.Action
	err = c.view(func(t *tx) error {
		a, ok, err := get[action](t.bolt.Bucket(bucketActions), idKey(int64(id)))
		if err == nil && (!ok || !c.visible(&a) || !c.actionAsSeen(t, &a)) {
			err = refuse(wire.ResultObjectNotFound, "action [%d] not found", id)
		}
		shown = c.showAction(&a)
		return err
	})
	return objectAnswer{Object: shown}, err
}

func (c *call) getServerUTCTime() (any, error) {
	return objectAnswer{Object: c.platform.now().Add(c.hooks.ClockShift()).Format(wire.TimeLayout)}, nil
}
