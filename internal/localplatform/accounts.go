package localplatform

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("users/authentication", map[string]*method{
		"signin":    {run: (*call).signIn, required: []string{"login", "password"}, open: true, postOnly: true},
		"signout":   {run: (*call).signOut},
		"checksign": {run: (*call).checkSign, reads: true},
	})
	register("users/account", map[string]*method{"getuserinfo": {run: (*call).getUserInfo, reads: true}})
	register("billing/account", map[string]*method{
		"getaccount": {run: (*call).getAccount, reads: true},
		"getquotas":  {run: (*call).getQuotas, reads: true},
	})
}

// fingerprint is the hash that the store keeps in place of a token.
func fingerprint(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// authenticate identifies the caller, checks that the token permits the method, and sets the account to act for.
func (c *call) authenticate(t *tx) error {
	if c.method.open {
		return nil
	}
	text := c.value("session")
	account, token := t.catalogue.tokenOwner(text)
	if account == nil && text != "" {
		var err error
		if account, err = t.signedIn(text); err != nil {
			return err
		}
	}
	if account == nil || slices.Contains(t.catalogue.expired, fingerprint(text)) ||
		(token != nil && token.ExpiresAt != nil && !t.now.Before(*token.ExpiresAt)) {
		return NotAuthenticated()
	}
	if token != nil && !token.permits(c.name, c.method) {
		return refuseOuter(wire.ResultMissingTokenPermission, "token does not have the required permission [%s]",
			strings.ReplaceAll(c.name, "/", "."))
	}
	c.account, c.owner = account, account
	return c.actFor(t, c.value("ownerUid"))
}

// signedIn returns the account of the session, or nil if there is no such session.
func (t *tx) signedIn(text string) (*Account, error) {
	s, ok, err := get[session](t.bolt.Bucket(bucketSessions), []byte(fingerprint(text)))
	if !ok {
		return nil, err
	}
	return t.catalogue.account(s.UID), nil
}

// actFor makes owner the account to act for, if it shares with the caller. An empty owner changes nothing.
func (c *call) actFor(t *tx, owner string) error {
	if owner == "" {
		return nil
	}
	uid, err := strconv.ParseInt(owner, 10, 64)
	if err != nil {
		return invalid("ownerUid", "[%s] is not a number", owner)
	}
	if uid == c.account.UID {
		return nil
	}
	c.owner = t.catalogue.account(uid)
	if c.owner == nil || c.owner.collaborator(c.account.UID) == nil {
		return refuseOuter(wire.ResultPermissionDenied, "permission denied: account [%d]", uid)
	}
	return nil
}

func (c *Catalogue) tokenOwner(token string) (*Account, *Token) {
	for i := range c.Accounts {
		for j := range c.Accounts[i].Tokens {
			if t := &c.Accounts[i].Tokens[j]; t.Token == token {
				return &c.Accounts[i], t
			}
		}
	}
	return nil, nil
}

func (t *Token) permits(name string, m *method) bool {
	for _, permitted := range t.Methods {
		switch permitted = strings.ToLower(strings.ReplaceAll(permitted, ".", "/")); {
		case permitted == "*", permitted == "read" && m.reads, permitted == name:
			return true
		case strings.HasPrefix(permitted, "env/") && "environment"+permitted[3:] == name:
			return true
		}
	}
	return false
}

func (a *Account) collaborator(uid int64) *Collaborator {
	i := slices.IndexFunc(a.Collaborators, func(m Collaborator) bool { return m.UID == uid })
	if i < 0 {
		return nil
	}
	return &a.Collaborators[i]
}

// Values of right in the platform's answers about an environment. Only OWNER is certain; the others are unverified.
const (
	rightOwner = "OWNER"
	rightEdit  = "EDIT"
	rightView  = "VIEW"
)

// rightOn returns an empty string if the account may not see the environment.
func (t *tx) rightOn(a *Account, env *environment) string {
	if env.Owner == a.UID {
		return rightOwner
	}
	owner := t.catalogue.account(env.Owner)
	if owner == nil {
		return ""
	}
	member := owner.collaborator(a.UID)
	switch {
	case member == nil, len(member.Environments) > 0 && !slices.Contains(member.Environments, env.Name):
		return ""
	case member.Role == RoleViewer:
		return rightView
	default:
		return rightEdit
	}
}

// ownerOnlyMethods are the methods that a developer may not call on a shared environment. That developers cannot
// migrate is documented. On the platform, too, deleting a shared environment answers 8.
var ownerOnlyMethods = []string{"environment/control/migrate", "environment/control/deleteenv",
	"environment/control/changetopology", "environment/control/cloneenv"}

// permitted checks the caller's role on the environment.
func (c *call) permitted(t *tx, env *environment) error {
	if env.Owner == c.account.UID {
		return nil
	}
	role := t.catalogue.account(env.Owner).collaborator(c.account.UID).Role
	if c.method.reads || role == RoleAdmin || (role == RoleDeveloper && !slices.Contains(ownerOnlyMethods, c.name)) {
		return nil
	}
	return refuse(wire.ResultPermissionDenied, "permission denied: role [%s] may not %s environment [%s]", role,
		c.name[strings.LastIndex(c.name, "/")+1:], env.Name)
}

type userAnswer struct {
	Result   int    `json:"result"`
	Session  string `json:"session,omitempty"`
	AuthType string `json:"authType,omitempty"`
	// AccessType tells a client that its session is valid (likely).
	AccessType string `json:"accessType,omitempty"`
	wire.User
}

func userOf(a *Account) wire.User {
	return wire.User{UID: a.UID, Email: a.Email, Name: a.Name, Status: "ENABLED"}
}

func (c *call) getUserInfo() (any, error) { return userAnswer{User: userOf(c.account)}, nil }

// checkSign returns the session's user, as signin does.
func (c *call) checkSign() (any, error) {
	return userAnswer{User: userOf(c.account), Session: c.value("session"), AuthType: "BASIC", AccessType: "FULL_ACCESS"},
		nil
}

func (c *call) signIn() (any, error) {
	key := rand.Text()
	answer := userAnswer{Session: strings.ToLower(key), AuthType: "BASIC", AccessType: "FULL_ACCESS"}
	err := c.platform.update(func(t *tx) error {
		i := slices.IndexFunc(t.catalogue.Accounts, func(a Account) bool {
			return strings.EqualFold(a.Email, c.value("login"))
		})
		if i < 0 || !t.catalogue.Accounts[i].takesPassword(c.value("password")) {
			return refuseOuter(wire.ResultAuthenticationFailed, "authentication failed")
		}
		answer.User = userOf(&t.catalogue.Accounts[i])
		return put(t.bolt.Bucket(bucketSessions), []byte(fingerprint(answer.Session)), session{UID: answer.UID})
	})
	return answer, err
}

func (a *Account) takesPassword(password string) bool {
	if a.Password != "" {
		return password == a.Password
	}
	return slices.ContainsFunc(a.Tokens, func(t Token) bool {
		return t.Token == password && slices.Contains(t.Methods, "*")
	})
}

func (c *call) signOut() (any, error) {
	return nil, c.platform.update(func(t *tx) error {
		return t.bolt.Bucket(bucketSessions).Delete([]byte(fingerprint(c.value("session"))))
	})
}

type accountAnswer struct {
	Result               int     `json:"result"`
	UID                  int64   `json:"uid"`
	Email                string  `json:"email"`
	Group                string  `json:"group,omitempty"`
	GroupType            string  `json:"groupType"`
	Status               string  `json:"status"`
	Balance              float64 `json:"balance"`
	Bonus                float64 `json:"bonus"`
	IsCommercial         bool    `json:"isCommerial"` // spelt so by the platform
	IsEnabled            bool    `json:"isEnabled"`
	DefaultHardNodeGroup string  `json:"defaultHardNodeGroup,omitempty"`
}

func (c *call) getAccount() (any, error) {
	answer := accountAnswer{
		UID: c.owner.UID, Email: c.owner.Email, Group: c.owner.Group, GroupType: "billing", Status: "ACTIVE", Balance: 100,
		IsCommercial: true, IsEnabled: true,
	}
	if r := c.platform.base.defaultRegion(); r != nil {
		answer.DefaultHardNodeGroup = r.Name
	}
	return answer, nil
}

func (c *call) getQuotas() (any, error) {
	wanted := strings.FieldsFunc(c.value("quotasnames"), func(r rune) bool { return r == ';' || r == ',' || r == ' ' })
	list := []wire.QuotaValue{}
	for _, name := range quotaNames {
		value, limited := c.platform.base.quota(c.owner, name)
		if limited && (len(wanted) == 0 || slices.Contains(wanted, name)) {
			list = append(list, wire.QuotaValue{Quota: wire.Quota{Name: name}, Type: "GROUP", Value: value})
		}
	}
	return arrayAnswer{Array: list}, nil
}
