package localplatform

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

//go:embed catalogue.json
var defaultCatalogue []byte

// Catalogue is everything the imaginary hosting provider decides: where environments may be, what runs in them, what
// it costs, who may do what. It is read once, when the platform is opened; see catalogue.json for the built-in one,
// which is also the example of the format.
type Catalogue struct {
	// Currency is the ISO 4217 code of every price.
	Currency    string       `json:"currency"`
	DataCenters []DataCenter `json:"dataCenters"`
	// LiveMigration corrects the rule that a live move is possible between any two regions of one data centre and
	// between no others.
	LiveMigration []LivePair `json:"liveMigration,omitempty"`
	// HidePricing and HideDefaultPrices make getpricing and the two unauthenticated price documents answer 404, as at
	// hosting providers that have them switched off.
	HidePricing       bool `json:"hidePricing,omitempty"`
	HideDefaultPrices bool `json:"hideDefaultPrices,omitempty"`
	// Quotas limit every account; an account's own come first. A quota that is absent does not limit.
	Quotas   map[string]int64 `json:"quotas,omitempty"`
	Accounts []Account        `json:"accounts"`
	Stacks   []Stack          `json:"stacks"`

	expired []string
}

// DataCenter is what the platform's API calls a region: a domain and networks, with environment regions inside.
type DataCenter struct {
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
	// Cloudlets is the capacity: the sum of the dynamic limits of all nodes that fit. 0 means without limit.
	Cloudlets int    `json:"cloudlets,omitempty"`
	Prices    Prices `json:"prices,omitzero"`

	dataCenter *DataCenter
}

// Prices are per unit and hour.
type Prices struct {
	ReservedCloudlet []Tier `json:"reservedCloudlet,omitempty"`
	DynamicCloudlet  []Tier `json:"dynamicCloudlet,omitempty"`
	DiskGB           []Tier `json:"diskGB,omitempty"`
	PublicIPv4       []Tier `json:"publicIPv4,omitempty"`
	PublicIPv6       []Tier `json:"publicIPv6,omitempty"`
}

// Tier is the price per unit from the amount From on; Free units are not charged.
type Tier struct {
	From  float64 `json:"from"`
	Free  float64 `json:"free,omitempty"`
	Price float64 `json:"price"`
}

// LivePair says for two regions, in either direction, whether a live migration is possible.
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
	// Password is for signin only; without one, any of the account's tokens serves as the password.
	Password      string           `json:"password,omitempty"`
	Quotas        map[string]int64 `json:"quotas,omitempty"`
	Tokens        []Token          `json:"tokens,omitempty"`
	Collaborators []Collaborator   `json:"collaborators,omitempty"`
}

// Token is a personal access token.
type Token struct {
	Token string `json:"token"`
	// Methods are the methods it permits: names such as environment.control.GetEnvInfo (letter case and the short
	// form env.control... do not matter), "*" for all, "read" for all that change nothing.
	Methods   []string   `json:"methods"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty"`
}

// Collaborator is another account that may see, and by its role use, environments of this one.
type Collaborator struct {
	UID int64 `json:"uid"`
	// Role is viewer (reads only), developer (everything but creating, moving, deleting) or admin.
	Role string `json:"role"`
	// Environments limits what is shared; empty means all.
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
	// Tags are the versions on offer, the first one being the default.
	Tags             []string `json:"tags,omitempty"`
	Engine           string   `json:"engine,omitempty"`
	MinimumCloudlets int      `json:"minimumCloudlets,omitempty"`
	Stateful         bool     `json:"stateful,omitempty"`
	// Virtualization is CT (the default) or VM, OS is LINUX (the default) or WINDOWS.
	Virtualization string `json:"virtualization,omitempty"`
	OS             string `json:"os,omitempty"`
	// AnyImage makes the node a container of whatever image the request names.
	AnyImage bool `json:"anyImage,omitempty"`
}

// LoadCatalogue reads and checks the catalogue in the file; an empty path means the built-in one. The error names
// every mistake found.
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
	for i := range c.DataCenters {
		dc := &c.DataCenters[i]
		for j := range dc.Regions {
			dc.Regions[j].dataCenter = dc
		}
	}
}

func (c *Catalogue) region(name string) *Region {
	for i := range c.DataCenters {
		for j := range c.DataCenters[i].Regions {
			if r := &c.DataCenters[i].Regions[j]; r.Name == name {
				return r
			}
		}
	}
	return nil
}

func (c *Catalogue) dataCenter(name string) *DataCenter {
	for i := range c.DataCenters {
		if c.DataCenters[i].Name == name {
			return &c.DataCenters[i]
		}
	}
	return nil
}

func (c *Catalogue) defaultRegion() *Region {
	var first *Region
	for i := range c.DataCenters {
		dc := &c.DataCenters[i]
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

// livePossible says whether the platform offers to move between the two regions without stopping anything.
func (c *Catalogue) livePossible(from, to *Region) bool {
	for _, p := range c.LiveMigration {
		if p.Between == [2]string{from.Name, to.Name} || p.Between == [2]string{to.Name, from.Name} {
			return p.Possible
		}
	}
	return from.dataCenter == to.dataCenter
}

var (
	namePattern   = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]*$`)
	domainPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)
)

// check lists what is wrong with the catalogue, all of it at once.
func (c *Catalogue) check() error {
	var errs []error
	complain := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	seen := map[string]bool{}
	var blocks []netip.Prefix
	regions := 0
	for _, dc := range c.DataCenters {
		if !namePattern.MatchString(dc.Name) {
			complain("data centre %q: the name must be made of letters, digits, hyphens and underscores", dc.Name)
		}
		if seen["dc "+dc.Name] {
			complain("data centre %q is listed twice", dc.Name)
		}
		seen["dc "+dc.Name] = true
		if !domainPattern.MatchString(dc.Domain) {
			complain("data centre %q: domain %q is not a domain name", dc.Name, dc.Domain)
		}
		for what, block := range map[string]string{"internal": dc.Internal, "publicIPv4": dc.PublicIPv4, "publicIPv6": dc.PublicIPv6} {
			if block == "" && (len(dc.Regions) == 0 || what != "internal") {
				continue
			}
			prefix, err := netip.ParsePrefix(block)
			if err != nil || prefix.Addr().Is6() != (what == "publicIPv6") {
				complain("data centre %q: %s %q is not an address block of that kind", dc.Name, what, block)
				continue
			}
			for _, other := range blocks {
				if other.Overlaps(prefix) {
					complain("data centre %q: %s %s overlaps with %s", dc.Name, what, prefix, other)
				}
			}
			blocks = append(blocks, prefix)
		}
		for _, r := range dc.Regions {
			regions++
			if !namePattern.MatchString(r.Name) {
				complain("region %q: the name must be made of letters, digits, hyphens and underscores", r.Name)
			}
			if seen["region "+r.Name] {
				complain("region %q is listed twice", r.Name)
			}
			seen["region "+r.Name] = true
			if r.Cloudlets < 0 {
				complain("region %q: cloudlets must not be negative", r.Name)
			}
			for _, v := range r.Virtualization {
				if v != "CT" && v != "VM" {
					complain("region %q: virtualization %q is neither CT nor VM", r.Name, v)
				}
			}
			r.Prices.each(func(what string, tiers []Tier) {
				for i, t := range tiers {
					if t.Price < 0 || t.Free < 0 || (i > 0 && t.From <= tiers[i-1].From) {
						complain("region %q: the tiers of %s must rise in from and not be negative", r.Name, what)
						break
					}
				}
			})
		}
	}
	if regions == 0 {
		complain("there is no region")
	}
	if c.Currency == "" {
		complain("currency is missing")
	}
	for _, p := range c.LiveMigration {
		for _, name := range p.Between {
			if c.region(name) == nil {
				complain("liveMigration names the unknown region %q", name)
			}
		}
	}
	errs = append(errs, c.checkAccounts()...)
	for _, s := range c.Stacks {
		if s.NodeType == "" || len(s.Layers) == 0 {
			complain("stack %q: nodeType and layers are needed", s.NodeType)
		}
		if seen["stack "+s.NodeType] {
			complain("stack %q is listed twice", s.NodeType)
		}
		seen["stack "+s.NodeType] = true
	}
	if len(c.Stacks) == 0 {
		complain("there is no stack")
	}
	return errors.Join(errs...)
}

func (c *Catalogue) checkAccounts() []error {
	var errs []error
	complain := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if len(c.Accounts) == 0 {
		complain("there is no account")
	}
	uids, tokens := map[int64]bool{}, map[string]bool{}
	for _, a := range c.Accounts {
		if _, err := mail.ParseAddress(a.Email); a.UID <= 0 || err != nil {
			complain("account %d: a uid and an email address are needed", a.UID)
		}
		if uids[a.UID] {
			complain("account %d is listed twice", a.UID)
		}
		uids[a.UID] = true
		for _, t := range a.Tokens {
			if t.Token == "" || tokens[t.Token] {
				complain("account %d: a token is empty or listed twice", a.UID)
			}
			tokens[t.Token] = true
		}
		for _, m := range a.Collaborators {
			if c.account(m.UID) == nil || m.UID == a.UID {
				complain("account %d: collaborator %d is no other account", a.UID, m.UID)
			}
			if !slices.Contains([]string{RoleViewer, RoleDeveloper, RoleAdmin}, m.Role) {
				complain("account %d: role %q of collaborator %d is not viewer, developer or admin", a.UID, m.Role, m.UID)
			}
		}
	}
	return errs
}

func (p Prices) each(f func(what string, tiers []Tier)) {
	f("reservedCloudlet", p.ReservedCloudlet)
	f("dynamicCloudlet", p.DynamicCloudlet)
	f("diskGB", p.DiskGB)
	f("publicIPv4", p.PublicIPv4)
	f("publicIPv6", p.PublicIPv6)
}
