package platform

import "context"

// User is the account that a token belongs to.
type User struct {
	UID    int64
	Email  string
	Name   string
	Status string
}

// CurrentUser returns the account that the token belongs to. Tests of behaviour that all calls share use it, because
// it is the smallest call.
func (c *Client) CurrentUser(ctx context.Context) (User, error) {
	var answer struct {
		UID    number `json:"uid"`
		Email  text   `json:"email"`
		Name   text   `json:"name"`
		Status text   `json:"status"`
	}
	if err := c.call(ctx, read("users/account/getuserinfo", ""), &answer); err != nil {
		return User{}, err
	}
	return User{UID: int64(answer.UID), Email: string(answer.Email), Name: string(answer.Name),
		Status: string(answer.Status)}, nil
}
