package platform

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

type actionAnswer struct {
	ID               number                  `json:"id"`
	Text             loose[actionTextAnswer] `json:"text"`
	Result           json.RawMessage         `json:"result"`
	Error            prose                   `json:"error"`
	Args             loose[actionArguments]  `json:"args"`
	RequestUniqueKey text                    `json:"requestUniqueKey"`
	StartDate        text                    `json:"startDate"`
	StartTime        text                    `json:"startTime"`
	EndDate          text                    `json:"endDate"`
	EndTime          text                    `json:"endTime"`
	Action           struct {
		ID number `json:"id"`
	} `json:"action"`
}

type actionTextAnswer struct {
	Env         text `json:"env"`
	HNGroupName text `json:"hngroupname"`
}

type actionArguments struct {
	IsOnline *flag `json:"isOnline"`
}

// CurrentActions returns the actions that are running in the account now. Their Result is nil and their Finished zero.
// A collaborator's log may not show the owner's actions. What PastActions says about times holds here too.
func (c *Client) CurrentActions(ctx context.Context) ([]Action, error) {
	actions, err := c.actions(ctx, read("environment/tracking/getcurrentactions", ""))
	for i := range actions {
		// An action in this list is running, whatever else the entry says.
		actions[i].Result, actions[i].Finished = nil, time.Time{}
	}
	return actions, err
}

// unknownClock is how much further back PastActions looks while the platform's clock is unknown. It is more than the
// difference of any two time zones.
const unknownClock = 24 * time.Hour

// PastActions returns the account's actions that finished after since (to the second; zero means any), at most count of
// them (0 leaves the number to the platform), in the platform's order.
//
// since and the times of the actions are times of our clock, converted with ClockOffset. While that is unknown,
// PastActions looks a day further back. If the answer does not reveal the offset either, it asks the platform for its
// time, once; if that fails, the times of the actions are the platform's own. The log's times may be in a wrong zone
// even if the platform's clock is right. So callers should look back a day further than they have to, and recognise an
// action by its request key, not by its time.
func (c *Client) PastActions(ctx context.Context, since time.Time, count int) ([]Action, error) {
	r := read("environment/tracking/getuidactions", "")
	if !since.IsZero() {
		offset, known := c.ClockOffset()
		if !known {
			since = since.Add(-unknownClock)
		}
		r.parameters.Set("starttime", since.Add(offset).UTC().Format(wire.TimeLayout))
	}
	if count > 0 {
		r.parameters.Set("count", strconv.Itoa(count))
	}
	return c.actions(ctx, r)
}

func (c *Client) actions(ctx context.Context, r request) ([]Action, error) {
	entries, err := callList(ctx, c, r, nil, "array", keep[actionAnswer])
	if err != nil {
		return nil, err
	}
	all := make([]Action, 0, len(entries))
	if len(entries) == 0 {
		return all, nil
	}
	offset := c.clockOffset(ctx)
	redact := c.redact.with(nil)
	for _, entry := range entries {
		all = append(all, entry.action(redact, offset))
	}
	return all, nil
}

// action converts an entry, with its times on our clock.
func (a actionAnswer) action(redact redactor, offset time.Duration) Action {
	action := Action{
		ID:          int64(a.ID),
		Kind:        ActionKind(a.Action.ID),
		Environment: string(a.Text.value.Env),
		Region:      string(a.Text.value.HNGroupName),
		RequestKey:  string(a.RequestUniqueKey),
		Started:     onOurClock(firstTime(a.StartDate, a.StartTime), offset),
		Finished:    onOurClock(firstTime(a.EndDate, a.EndTime), offset),
		Words:       redact.clean(string(a.Error), wordsLimit),
	}
	if online := a.Args.value.IsOnline; online != nil {
		live := bool(*online)
		action.Live = &live
	}
	if code, ok := parseNumber(a.Result); ok {
		result := int(code)
		action.Result = &result
	}
	return action
}

func firstTime(all ...text) time.Time {
	for _, one := range all {
		if t := parseTime(one); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
