package main

import (
	"context"
	"fmt"
	"slices"
)

const (
	shop = "vap_environment.shop"
	dns  = "terraform_data.dns_record"
)

// plan is the part of a plan's "show -json" that the story needs.
type plan struct {
	ResourceChanges []struct {
		Address string `json:"address"`
		Change  struct {
			Actions []string `json:"actions"`
			After   struct {
				Planned *migration `json:"planned_migration"`
			} `json:"after"`
			AfterUnknown struct {
				Nodes any `json:"nodes"` // true, or a list with the unknown attributes of each node
			} `json:"after_unknown"`
		} `json:"change"`
	} `json:"resource_changes"`
}

type migration struct {
	Mode         string `json:"mode"`
	FromRegion   string `json:"from_region"`
	ToRegion     string `json:"to_region"`
	Downtime     bool   `json:"downtime"`
	IPChange     bool   `json:"ip_change"`
	DomainChange bool   `json:"domain_change"`
}

// done is the part of the record of a migration that the story needs.
type done struct {
	Mode           string            `json:"mode"`
	FromRegion     string            `json:"from_region"`
	ToRegion       string            `json:"to_region"`
	Downtime       bool              `json:"downtime"`
	PreviousDomain string            `json:"previous_domain"` // empty if it did not change
	AddressChanges map[string]string `json:"address_changes"`
}

// carriesOut says whether a migration was done as planned.
func (d *done) carriesOut(m migration) bool {
	return d != nil && d.Mode == m.Mode && d.FromRegion == m.FromRegion && d.ToRegion == m.ToRegion &&
		d.Downtime == m.Downtime &&
		(len(d.AddressChanges) > 0) == m.IPChange && (d.PreviousDomain != "") == m.DomainChange
}

// expect checks the plan's action on a resource: "create", "update" or "no-op".
func (p plan) expect(address, action string) error {
	for _, change := range p.ResourceChanges {
		if change.Address == address {
			if !slices.Equal(change.Change.Actions, []string{action}) {
				return fmt.Errorf("the plan's actions for %s are %v, want %s", address, change.Change.Actions, action)
			}
			return nil
		}
	}
	return fmt.Errorf("the plan does not mention %s", address)
}

// migration returns the plan of the shop's move, and whether its addresses are unknown.
func (p plan) migration() (planned migration, addressesUnknown bool, err error) {
	for _, change := range p.ResourceChanges {
		if change.Address == shop && change.Change.After.Planned != nil {
			return *change.Change.After.Planned, change.Change.AfterUnknown.Nodes == true, nil
		}
	}
	return migration{}, false, fmt.Errorf("the plan has no planned_migration for %s", shop)
}

func readPlan(ctx context.Context, cli *commandLine, file string) (plan, error) {
	var p plan
	err := cli.read(ctx, &p, "show", "-json", file)
	return p, err
}

// place is, from the state, where the shop is and what its dependent knows about it.
type place struct {
	ID         string
	Region     string
	Domain     string
	PublicIPv4 []string
	Internal   []string
	Last       *done
	Record     record
}

type record struct {
	Name      string   `json:"name"`
	Addresses []string `json:"addresses"`
}

func readPlace(ctx context.Context, cli *commandLine) (place, error) {
	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address string `json:"address"`
					Values  struct {
						AppID  string `json:"app_id"`
						Region string `json:"region"`
						Domain string `json:"domain"`
						Last   *done  `json:"last_migration"`
						Nodes  []struct {
							InternalIP string   `json:"internal_ip"`
							PublicIPv4 []string `json:"public_ipv4"`
						} `json:"nodes"`
						Output record `json:"output"`
					} `json:"values"`
				} `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	if err := cli.read(ctx, &state, "show", "-json"); err != nil {
		return place{}, err
	}
	var p place
	for _, resource := range state.Values.RootModule.Resources {
		switch resource.Address {
		case shop:
			p.ID, p.Region, p.Domain, p.Last =
				resource.Values.AppID, resource.Values.Region, resource.Values.Domain, resource.Values.Last
			for _, node := range resource.Values.Nodes {
				p.Internal = append(p.Internal, node.InternalIP)
				p.PublicIPv4 = append(p.PublicIPv4, node.PublicIPv4...)
			}
		case dns:
			p.Record = resource.Values.Output
		}
	}
	if p.ID == "" || len(p.Internal) == 0 || len(p.PublicIPv4) == 0 {
		return place{}, fmt.Errorf("the state has no %s with nodes and public addresses", shop)
	}
	if p.Record.Name != p.Domain || !slices.Equal(p.Record.Addresses, p.PublicIPv4) {
		return place{}, fmt.Errorf("%s knows %v, but the shop is at %s %v", dns, p.Record, p.Domain, p.PublicIPv4)
	}
	return p, nil
}
