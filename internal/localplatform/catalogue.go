package localplatform

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

//go:embed catalogue.json
var defaultCatalogue []byte

// Catalogue is everything that the imaginary hosting provider decides: its regions, stacks, prices and accounts. It
// is read once, when the platform is opened. The built-in catalogue.json is also the example of the format.
type Catalogue struct {
	// Currency is the ISO 4217 code of every price.
	Currency    string       `json:"currency"`
	Datacenters []Datacenter `json:"dataCenters"`
	// LiveMigration lists exceptions to the rule that a live move is possible between any two regions of one data centre
	// and between no others.
	LiveMigration []LivePair `json:"liveMigration,omitempty"`
	// HidePricing makes getpricing answer 404, and HideDefaultPrices the two unauthenticated price documents, as with
	// hosting providers that have turned them off.
	HidePricing       bool `json:"hidePricing,omitempty"`
	HideDefaultPrices bool `json:"hideDefaultPrices,omitempty"`
	// Quotas apply to every account that has no quota of its own of that name. A missing quota means no limit.
	Quotas   map[string]int64 `json:"quotas,omitempty"`
	Accounts []Account        `json:"accounts"`
	Stacks   []Stack          `json:"stacks"`

	expired []string
}

// Datacenter is what the platform's API calls a region: a domain and networks, with environment regions inside.
type Datacenter struct {
	Name             string `json:"name"`
	DisplayName      string `json:"displayName,omitempty"`
	Domain           string `json:"domain"`
	Default          bool   `json:"default,omitempty"`
	MigrationAllowed bool   `json:"migrationAllowed"`
	Maintenance      bool   `json:"maintenance,omitempty"`
	// Address blocks in CIDR notation. A data centre without regions needs none.
	Internal   string `json:"internal,omitempty"`
	PublicIPv4 string `json:"publicIPv4,omitempty"`
	PublicIPv6 string `json:"publicIPv6,omitempty"`
	// Regions may be empty: the platform then lists the data centre without the field.
	Regions []Region `json:"regions,omitempty"`

	exhausted map[family]bool
}

// Region is an environment region: hosts of one kind in one data centre.
type Region struct {
	Name           string   `json:"name"`
	DisplayName    string   `json:"displayName,omitempty"`
	Description    string   `json:"description,omitempty"`
	Default        bool     `json:"default,omitempty"`
	Enabled        bool     `json:"enabled"`
	Maintenance    bool     `json:"maintenance,omitempty"`
	L3Group        string   `json:"l3Group,omitempty"`
	Virtualization []string `json:"virtualization,omitempty"`
	// Cloudlets is the capacity of the region: the highest sum of the dynamic limits of all nodes. 0 means no limit.
	Cloudlets int    `json:"cloudlets,omitempty"`
	Prices    Prices `json:"prices,omitzero"`

	datacenter *Datacenter
}

// Prices are per unit and hour.
type Prices struct {
	ReservedCloudlet []Tier `json:"reservedCloudlet,omitempty"`
	DynamicCloudlet  []Tier `json:"dynamicCloudlet,omitempty"`
	DiskGB           []Tier `json:"diskGB,omitempty"`
	PublicIPv4       []Tier `json:"publicIPv4,omitempty"`
	PublicIPv6       []Tier `json:"publicIPv6,omitempty"`
}

// Tier is the price per unit for amounts of From or more. Free units are not charged.
type Tier struct {
	From  float64 `json:"from"`
	Free  float64 `json:"free,omitempty"`
	Price float64 `json:"price"`
}

// LivePair says whether a live migration is possible between two regions, in either direction.
type LivePair struct {
	Between  [2]string `json:"between"`
	Possible bool      `json:"possible"`
}

// Account is a user of the platform.
type Account struct {
	UID   int64  `json:"uid"`
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
	Group string `json:"group,omitempty"`
	// Password is used only by signin. Without it, any of the account's tokens is accepted as the password.
	Password      string           `json:"password,omitempty"`
	Quotas        map[string]int64 `json:"quotas,omitempty"`
	Tokens        []Token          `json:"tokens,omitempty"`
	Collaborators []Collaborator   `json:"collaborators,omitempty"`
}

// Token is a personal access token.
type Token struct {
	Token string `json:"token"`
	// Methods are the permitted methods: names such as environment.control.GetEnvInfo (in any letter case, also in the
	// short form env.control...), "*" for all, or "read" for all that change nothing.
	Methods   []string   `json:"methods"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty"`
}

// Collaborator is another account that can see this account's environments and use them as its role permits.
type Collaborator struct {
	UID int64 `json:"uid"`
	// Role is viewer (read only), developer (all but create, move and delete) or admin.
	Role string `json:"role"`
	// Environments lists the shared environments. If it is empty, all are shared.
	Environments []string `json:"environments,omitempty"`
}

// Roles of a collaborator.
const (
	RoleViewer    = "viewer"
	RoleDeveloper = "developer"
	RoleAdmin     = "admin"
)

// Stack is a kind of node.
type Stack struct {
	NodeType string   `json:"nodeType"`
	Name     string   `json:"name"`
	Layers   []string `json:"layers"`
	// Tags are the available versions. The first one is the default.
	Tags             []string `json:"tags,omitempty"`
	Engine           string   `json:"engine,omitempty"`
	MinimumCloudlets int      `json:"minimumCloudlets,omitempty"`
	Stateful         bool     `json:"stateful,omitempty"`
	// Virtualization is CT (default) or VM. OS is LINUX (default) or WINDOWS.
	Virtualization string `json:"virtualization,omitempty"`
	OS             string `json:"os,omitempty"`
	// AnyImage makes the node a container of the image that the request names.
	AnyImage bool `json:"anyImage,omitempty"`
}

// LoadCatalogue reads and checks the catalogue in the file, or the built-in one if the path is empty. The error lists
// all contradictions, or only the first error in the JSON.
func LoadCatalogue(path string) (*Catalogue, error) {
	data := defaultCatalogue
	if path != "" {
		var err error
		if data, err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("the catalogue of the local platform cannot be read: %w", err)
		}
	}
	c, err := parseCatalogue(data)
	if err != nil && path != "" {
		return nil, fmt.Errorf("the catalogue %s of the local platform is not usable: %w", path, err)
	}
	return c, err
}

func parseCatalogue(data []byte) (*Catalogue, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var c Catalogue
	if err := decoder.Decode(&c); err != nil {
		return nil, err
	}
	if decoder.More() {
		return nil, errors.New("there is something after the end of the JSON object")
	}
	c.link()
	return &c, c.check()
}

func (c *Catalogue) link() {
	for i := range c.Datacenters {
		dc := &c.Datacenters[i]
		for j := range dc.Regions {
			dc.Regions[j].datacenter = dc
		}
	}
}

func (c *Catalogue) region(name string) *Region {
	for i := range c.Datacenters {
		for j := range c.Datacenters[i].Regions {
			if r := &c.Datacenters[i].Regions[j]; r.Name == name {
				return r
			}
		}
	}
	return nil
}

func (c *Catalogue) datacenter(name string) *Datacenter {
	for i := range c.Datacenters {
		if c.Datacenters[i].Name == name {
			return &c.Datacenters[i]
		}
	}
	return nil
}

func (c *Catalogue) defaultRegion() *Region {
	var first *Region
	for i := range c.Datacenters {
		dc := &c.Datacenters[i]
		for j := range dc.Regions {
			r := &dc.Regions[j]
			if r.Default && dc.Default {
				return r
			}
			if first == nil && r.Enabled && !r.Maintenance {
				first = r
			}
		}
	}
	return first
}

func (c *Catalogue) stack(nodeType string) *Stack {
	i := slices.IndexFunc(c.Stacks, func(s Stack) bool { return strings.EqualFold(s.NodeType, nodeType) })
	if i < 0 {
		return nil
	}
	return &c.Stacks[i]
}

func (c *Catalogue) account(uid int64) *Account {
	for i := range c.Accounts {
		if c.Accounts[i].UID == uid {
			return &c.Accounts[i]
		}
	}
	return nil
}

func (c *Catalogue) quota(a *Account, name string) (int64, bool) {
	if v, ok := a.Quotas[name]; ok {
		return v, true
	}
	v, ok := c.Quotas[name]
	return v, ok
}

// livePossible says whether the platform offers a live migration between the two regions.
func (c *Catalogue) livePossible(from, to *Region) bool {
	for _, p := range c.LiveMigration {
		if p.Between == [2]string{from.Name, to.Name} || p.Between == [2]string{to.Name, from.Name} {
			return p.Possible
		}
	}
	return from.datacenter == to.datacenter
}

func (p Prices) each(f func(what string, tiers []Tier)) {
	f("reservedCloudlet", p.ReservedCloudlet)
	f("dynamicCloudlet", p.DynamicCloudlet)
	f("diskGB", p.DiskGB)
	f("publicIPv4", p.PublicIPv4)
	f("publicIPv6", p.PublicIPv6)
}
