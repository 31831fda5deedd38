package localplatform

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	times := []string{"starttime", "endtime"}
	register("billing/account", map[string]*method{
		"getaccountbillinghistorybyperiod":         {run: (*call).getBillingHistory, required: times, reads: true},
		"getenvbillinghistorybyperiod":             {run: (*call).getBillingHistory, required: times, reads: true},
		"getextendedaccountbillinghistorybyperiod": {run: (*call).getExtendedBillingHistory, required: times, reads: true},
	})
}

// charge is the cost of one environment in one region and period. That each row has a cost is likely (public scripts
// add the costs up). The other field names are our choice, taken from other answers.
type charge struct {
	DateTime          string       `json:"dateTime"` // start of the period
	AppID             string       `json:"appid"`
	EnvName           string       `json:"envName"`
	HardwareNodeGroup string       `json:"hardwareNodeGroup"`
	Cost              float64      `json:"cost"`
	Currency          string       `json:"currency"`
	Resources         []chargePart `json:"resources"`
}

// chargePart is the cost of one resource. Amount is in unit hours: one address for a day is 24.
type chargePart struct {
	Type    string  `json:"type"` // as in tariff plans
	Keyword string  `json:"keyword"`
	Amount  float64 `json:"amount"`
	Cost    float64 `json:"cost"`
}

// billingObject is the answer of the extended history. Its shape is not public.
type billingObject struct {
	StartTime string   `json:"starttime"`
	EndTime   string   `json:"endtime"`
	Currency  string   `json:"currency"`
	Cost      float64  `json:"cost"`
	Array     []charge `json:"array"`
}

func (c *call) getBillingHistory() (any, error) {
	object, err := c.bill()
	return arrayAnswer{Array: object.Array}, err
}

func (c *call) getExtendedBillingHistory() (any, error) {
	object, err := c.bill()
	return objectAnswer{Object: object}, err
}

// periods maps the name of a period to a function that returns the start of the next one. The default is DAY.
var periods = map[string]func(time.Time) time.Time{
	"HOUR": func(at time.Time) time.Time { return at.Truncate(time.Hour).Add(time.Hour) },
	"DAY":  func(at time.Time) time.Time { return date(at).AddDate(0, 0, 1) },
	"WEEK": func(at time.Time) time.Time { return date(at).AddDate(0, 0, 7-(int(at.Weekday())+6)%7) },
	"MONTH": func(at time.Time) time.Time {
		return time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, at.Location())
	},
	"YEAR": func(at time.Time) time.Time { return time.Date(at.Year()+1, 1, 1, 0, 0, 0, 0, at.Location()) },
}

func date(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())
}

// bill adds up the costs of environments from starttime to endtime, by period and region. timeOffset, in minutes,
// shifts the period boundaries for clients that are not in UTC.
func (c *call) bill() (billingObject, error) {
	o := billingObject{Currency: c.platform.base.Currency, Array: []charge{}}
	from, to, err := c.timespan()
	if err != nil {
		return o, err
	}
	next, ok := periods[strings.ToUpper(cmp.Or(c.value("period"), "DAY"))]
	if !ok {
		return o, invalid("period", "[%s] is not HOUR, DAY, WEEK, MONTH or YEAR", c.value("period"))
	}
	minutes, err := c.integer("timeOffset")
	if err != nil {
		return o, err
	}
	zone := time.FixedZone("", minutes*60)
	o.StartTime, o.EndTime = from.Format(wire.TimeLayout), to.Format(wire.TimeLayout)
	rows := map[rowKey]*chargeSum{}
	err = c.view(func(t *tx) error {
		concerns, err := c.billedUsage(t)
		if err != nil {
			return err
		}
		return t.spans(from, to, func(s span) {
			if !concerns(&s.usage) {
				return
			}
			prices := Prices{}
			if r := t.catalogue.region(s.usage.Region); r != nil {
				prices = r.Prices
			}
			for at := from.In(zone); at.Before(s.To); at = next(at) {
				hours := s.overlap(at, next(at)).Hours()
				if hours <= 0 {
					continue
				}
				key := rowKey{at.Format(wire.TimeLayout), s.usage.AppID, s.usage.Name, s.usage.Region}
				if rows[key] == nil {
					rows[key] = &chargeSum{}
				}
				rows[key].add(prices, s.usage.Layers, hours)
			}
		})
	})
	if err != nil {
		return o, err
	}
	for key, sum := range rows {
		row := charge{
			DateTime: key.dateTime, AppID: key.appID, EnvName: key.name, HardwareNodeGroup: key.region, Currency: o.Currency,
			Resources: sum.parts(),
		}
		for _, part := range row.Resources {
			row.Cost += part.Cost
		}
		row.Cost = rounded(row.Cost)
		o.Cost += row.Cost
		o.Array = append(o.Array, row)
	}
	o.Cost = rounded(o.Cost)
	slices.SortFunc(o.Array, func(a, b charge) int {
		return cmp.Or(cmp.Compare(a.DateTime, b.DateTime), cmp.Compare(a.EnvName, b.EnvName),
			cmp.Compare(a.HardwareNodeGroup, b.HardwareNodeGroup))
	})
	return o, nil
}

type rowKey struct{ dateTime, appID, name, region string }

// timespan reads starttime and endtime. Clients send times with or without a T, or only dates (likely).
func (c *call) timespan() (from, to time.Time, err error) {
	if from, err = c.parseTime("starttime"); err != nil {
		return from, to, err
	}
	if to, err = c.parseTime("endtime"); err != nil {
		return from, to, err
	}
	if to.Before(from) {
		err = invalid("endtime", "[%s] is before [%s]", c.value("endtime"), c.value("starttime"))
	}
	return from, to, err
}

func (c *call) parseTime(parameter string) (time.Time, error) {
	text := c.value(parameter)
	for _, layout := range []string{wire.TimeLayout, "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, time.UTC); err == nil {
			return at.Add(-c.hooks.ClockShift()), nil
		}
	}
	return time.Time{}, invalid(parameter, "[%s] is not a time like [%s]", text, wire.TimeLayout)
}

// billedUsage selects the environments that the call covers: all of the account's, or the named one, even if it was
// deleted.
func (c *call) billedUsage(t *tx) (func(*usage) bool, error) {
	target := cmp.Or(c.value("targetAppid"), c.target())
	if target == "" {
		return func(u *usage) bool { return u.Owner == c.owner.UID }, nil
	}
	owner := c.owner.UID
	env, err := t.find(target)
	if err != nil {
		return nil, err
	}
	if env != nil {
		if t.rightOn(c.account, env) == "" {
			return nil, refuse(wire.ResultPermissionDenied, "permission denied: environment [%s]", target)
		}
		owner = env.Owner
	}
	return func(u *usage) bool {
		return u.Owner == owner && (u.AppID == target || u.Name == target || env != nil && u.AppID == env.AppID)
	}, nil
}

// overlap returns how much of the interval the span covers.
func (s *span) overlap(from, to time.Time) time.Duration {
	if s.usage.At.After(from) {
		from = s.usage.At
	}
	if s.To.Before(to) {
		to = s.To
	}
	return to.Sub(from)
}

// chargeSum adds up amounts, in unit hours, and their costs.
type chargeSum struct{ reserved, dynamic, disk, ipv4, ipv6 chargePart }

// add charges for the resources that were occupied for a number of hours. The total cloudlets of a node group select
// the tier, as in the platform's calculator (certain). Reserved cloudlets are always charged, dynamic ones only when
// used.
func (s *chargeSum) add(prices Prices, layers []layerUsage, hours float64) {
	var disk, ipv4, ipv6 float64
	for _, l := range layers {
		reserved, dynamic := float64(l.Reserved), float64(max(0, l.Used-l.Reserved))
		s.reserved.add(reserved, hours, prices.ReservedCloudlet, reserved+dynamic)
		s.dynamic.add(dynamic, hours, prices.DynamicCloudlet, reserved+dynamic)
		disk, ipv4, ipv6 = disk+float64(l.DiskGB), ipv4+float64(l.IPv4), ipv6+float64(l.IPv6)
	}
	s.disk.add(disk, hours, prices.DiskGB, disk)
	s.ipv4.add(ipv4, hours, prices.PublicIPv4, ipv4)
	s.ipv6.add(ipv6, hours, prices.PublicIPv6, ipv6)
}

// add charges for an amount at the tier that picks selects: the one with the greatest From that is not above picks.
// Below the first tier, nothing is charged.
func (p *chargePart) add(amount, hours float64, tiers []Tier, picks float64) {
	p.Amount += amount * hours
	for i := len(tiers) - 1; i >= 0; i-- {
		if tiers[i].From <= picks {
			p.Cost += max(0, amount-tiers[i].Free) * tiers[i].Price * hours
			return
		}
	}
}

// parts lists the resources that were occupied, with the type and keyword of their tariff plan.
func (s *chargeSum) parts() []chargePart {
	list := []chargePart{}
	for _, one := range []struct {
		what string
		part chargePart
	}{
		{"reservedCloudlet", s.reserved}, {"dynamicCloudlet", s.dynamic}, {"diskGB", s.disk},
		{"publicIPv4", s.ipv4}, {"publicIPv6", s.ipv6},
	} {
		if one.part.Amount > 0 {
			kind := planKinds[one.what]
			list = append(list, chargePart{
				Type: kind[0], Keyword: kind[1], Amount: rounded(one.part.Amount), Cost: rounded(one.part.Cost),
			})
		}
	}
	return list
}

// rounded rounds to a millionth, which hides the rounding errors of the addition.
func rounded(value float64) float64 { return math.Round(value*1e6) / 1e6 }
