package platform

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
)

type pricingAnswer struct {
	HardNodeGroup text           `json:"hardNodeGroup"`
	IsDefault     flag           `json:"isDefault"`
	Currency      currencyAnswer `json:"currency"`
	TariffPlans   []tariffAnswer `json:"tariffPlans"`
}

type currencyAnswer struct {
	Code text `json:"code"`
}

type tariffAnswer struct {
	Type             text           `json:"type"`
	Keyword          text           `json:"keyword"`
	Strategy         text           `json:"strategy"`
	ChargePeriodType text           `json:"chargePeriodType"`
	Currency         currencyAnswer `json:"currency"`
	Tiers            []struct {
		Value amount `json:"value"`
		Free  amount `json:"free"`
		Price amount `json:"price"`
	} `json:"tiers"`
}

// Prices returns the platform's prices: the account's own per region if that call exists and the token may use it,
// otherwise the platform's public default prices. The public ones are requested without the token.
//
// last is the result of the previous call. Prices uses the source that worked then, so that reading prices takes one
// call instead of one per source, and costs of different times are comparable. If no source worked, it tries only the
// first one again. The zero value tries all.
//
// It reads only plans whose meaning is certain: the strategy VOLUME or none (the tier that the whole amount reaches is
// the price of all of it), charged by the hour, month (730 hours) or year (8760 hours). Any other plan leaves the price
// of its resource unknown.
//
// No shape in these calls is documented. An error means that prices are unknown and must not stop anything; pass the
// source returned with it to the next call.
func (c *Client) Prices(ctx context.Context, last PriceList) (PriceList, error) {
	var own error
	if last.Source != PricesOfPlatform {
		var list PriceList
		list, own = c.accountPrices(ctx)
		if own == nil {
			return list, nil
		}
		if ctx.Err() != nil || IsTransient(own) {
			// Other prices than those of a minute ago would look like a change.
			return PriceList{Source: last.Source}, own
		}
		if last.Source == NoPrices {
			return PriceList{Source: NoPrices}, own
		}
	}
	public, err := c.defaultPrices(ctx, last)
	switch {
	case err == nil:
		return public, nil
	case tellsNone(err):
		return PriceList{Source: NoPrices}, errors.Join(own, err)
	}
	return PriceList{Source: last.Source}, errors.Join(own, err) // the next call may succeed
}

// tellsNone reports whether the platform was reached and has no prices, as opposed to a failure on the way.
func tellsNone(err error) bool {
	var e *Error
	return errors.Is(err, errNoPrices) ||
		errors.As(err, &e) && (e.Code != 0 || e.HTTPStatus >= 400 && e.HTTPStatus < 500) && e.Class != ClassTransient
}

var errNoPrices = errors.New("the answer has no readable prices")

func (c *Client) accountPrices(ctx context.Context) (PriceList, error) {
	r := read("billing/pricing/getpricing", "")
	r.bestEffort = true
	regions, err := callList(ctx, c, r, nil, "array", keep[pricingAnswer])
	if err != nil {
		return PriceList{}, err
	}
	list := PriceList{Source: PricesOfAccount, ByRegion: map[string]Prices{}}
	for _, one := range regions {
		if prices, known := readPrices(one.TariffPlans, one.Currency.Code); known && one.HardNodeGroup != "" {
			list.ByRegion[string(one.HardNodeGroup)] = prices
		}
	}
	if len(list.ByRegion) == 0 {
		return PriceList{}, r.malformed(errNoPrices)
	}
	return list, nil
}

func (c *Client) defaultPrices(ctx context.Context, last PriceList) (PriceList, error) {
	var models struct {
		Response struct {
			Models json.RawMessage `json:"models"`
		} `json:"response"`
	}
	r := request{method: "auth/GetDefaultPricingModels", public: true, bestEffort: true}
	if err := c.call(ctx, r, &models); err != nil {
		return PriceList{}, err
	}
	all, err := decodeList[pricingAnswer](models.Response.Models)
	if err != nil || len(all) == 0 {
		return PriceList{}, r.malformed(errNoPrices)
	}
	model := all[max(0, slices.IndexFunc(all, func(m pricingAnswer) bool { return bool(m.IsDefault) }))]
	prices, known := readPrices(model.TariffPlans, model.Currency.Code)
	if !known {
		return PriceList{}, r.malformed(errNoPrices)
	}
	if prices.Currency == "" {
		prices.Currency = c.defaultCurrency(ctx, prices, last.Default)
	}
	return PriceList{Source: PricesOfPlatform, Default: &prices}, nil
}

// defaultCurrency returns the currency of default prices that do not state one. If the numbers are the same as last
// time, so is the currency. Prices without a currency are still useful.
func (c *Client) defaultCurrency(ctx context.Context, prices Prices, last *Prices) string {
	if last != nil {
		prices.Currency = last.Currency
		if prices.Currency != "" && reflect.DeepEqual(prices, *last) {
			return last.Currency
		}
	}
	var settings struct {
		Response struct {
			SettingsCurrencyCode text `json:"settingsCurrencyCode"`
		} `json:"response"`
	}
	_ = c.call(ctx, request{method: "settings/GetHosterSettings", public: true, bestEffort: true}, &settings)
	return string(settings.Response.SettingsCurrencyCode)
}

// readPrices returns the prices in a set of plans, and whether there are any. It takes the first plan of each resource,
// and ignores a plan in a currency other than the first one's.
func readPrices(plans []tariffAnswer, currency text) (Prices, bool) {
	prices := Prices{Currency: string(currency)}
	known := false
	for _, plan := range plans {
		resource := prices.resource(plan)
		tiers := plan.hourlyTiers()
		if resource == nil || *resource != nil || tiers == nil {
			continue
		}
		own := string(cmp.Or(plan.Currency.Code, currency))
		if prices.Currency == "" {
			prices.Currency = own
		}
		if own != prices.Currency {
			continue
		}
		*resource, known = tiers, true
	}
	return prices, known
}

// resource returns where to store the tiers of a plan, nil for a resource without a field.
func (p *Prices) resource(plan tariffAnswer) *[]Tier {
	switch strings.ToLower(string(plan.Type + " " + plan.Keyword)) {
	case "fixed cloudlets", "0 cloudlets":
		return &p.ReservedCloudlet
	case "flexible cloudlets", "1 cloudlets":
		return &p.DynamicCloudlet
	case "storage storage", "4 storage":
		return &p.DiskGB
	case "option ip", "2 ip", "option ipv4", "2 ipv4":
		return &p.PublicIPv4
	case "option ipv6", "2 ipv6":
		return &p.PublicIPv6
	}
	return nil
}

// hourlyTiers returns a plan's tiers per hour, nil if the meaning of the plan is not certain.
func (t tariffAnswer) hourlyTiers() []Tier {
	var hours float64
	switch strings.ToUpper(string(t.ChargePeriodType)) {
	case "", "0", "HOUR":
		hours = 1
	case "1", "MONTH":
		hours = 730
	case "2", "YEAR":
		hours = 8760
	default: // ONETIME has no price per hour
		return nil
	}
	if s := strings.ToUpper(string(t.Strategy)); s != "" && s != "0" && s != "VOLUME" {
		return nil
	}
	var all []Tier
	for _, tier := range t.Tiers {
		one := Tier{From: float64(tier.Value), Free: float64(tier.Free), Price: float64(tier.Price) / hours}
		if !(one.From >= 0 && one.Free >= 0 && one.Price >= 0) || math.IsInf(one.From+one.Free+one.Price, 0) {
			return nil // also if one is not a number
		}
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b Tier) int { return cmp.Compare(a.From, b.From) })
	return all
}
