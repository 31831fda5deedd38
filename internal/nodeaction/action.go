// Package nodeaction is the actions vap_restart_nodes and vap_redeploy_containers. They work on the nodes of an
// environment without changing anything that Terraform manages.
package nodeaction

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/providerdata"
)

// NewRestart returns the action vap_restart_nodes. It expects a *migration.Service as provider data; without one,
// while the provider's configuration is not known, it plans without the platform.
func NewRestart() action.Action { return &nodeAction{kind: restart} }

// NewRedeploy returns the action vap_redeploy_containers. It expects the same provider data as NewRestart.
func NewRedeploy() action.Action { return &nodeAction{kind: redeploy} }

// kind has the differences between the actions.
type kind struct {
	name string
	// doing and done are its verb forms: "restarting", "restarted".
	doing, done string
	// redeploys says that the action recreates containers from a tag.
	redeploys bool
}

var (
	restart  = kind{name: "restart_nodes", doing: "restarting", done: "restarted"}
	redeploy = kind{name: "redeploy_containers", doing: "redeploying", done: "redeployed", redeploys: true}
)

type nodeAction struct {
	kind    kind
	service *migration.Service
}

var (
	_ action.ActionWithConfigure      = (*nodeAction)(nil)
	_ action.ActionWithValidateConfig = (*nodeAction)(nil)
	_ action.ActionWithModifyPlan     = (*nodeAction)(nil)
)

func (a *nodeAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + a.kind.name
}

func (a *nodeAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.service = providerdata.Service(req.ProviderData, &resp.Diagnostics)
}

func (a *nodeAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"environment": schema.StringAttribute{
			MarkdownDescription: "The name of the environment, for example `vap_environment.shop.name`.",
			Required:            true,
		},
		"timeouts": timeouts.AttributesWithOpts(ctx, timeouts.Opts{
			InvokeDescription: "How long the action may take, for example `1h`. The default is 30 minutes. " +
				"This includes waiting for other operations on the environment. The platform continues after that.",
		}),
	}
	resp.Schema = schema.Schema{MarkdownDescription: restartDescription, Attributes: attributes}
	groups := "The names of the node groups whose nodes restart, one group after the other in this order, " +
		"for example `[\"sqldb\", \"cp\"]`. `keys(vap_environment.shop.node_groups)` names all that the configuration has."
	if a.kind.redeploys {
		resp.Schema.MarkdownDescription = redeployDescription
		groups = "The names of the node groups whose containers are made anew, one group after the other in this order, " +
			"for example `[\"cp\"]`. Node groups of virtual machines, and those of the layer `vps`, cannot be redeployed."
		attributes["tag"] = schema.StringAttribute{
			MarkdownDescription: "The tag of the image, for example `1.28.0`. " +
				"The default is the tag that each node group has. Where `vap_environment` manages the `tag` of the node group, " +
				"write the same one there; otherwise its next apply restores its own.",
			Optional: true,
		}
	}
	attributes["node_groups"] = schema.ListAttribute{MarkdownDescription: groups, ElementType: types.StringType,
		Required: true}
}

const terraformOnly = "Actions need Terraform 1.14 or newer. Older versions and OpenTofu do not offer them."

const restartDescription = "Restarts the nodes of node groups and waits until they run again. Use it after a move " +
	"to another data centre, so that programs read addresses again that they hold in variables or configuration files. " +
	"Each node group keeps its own settings for restarting its nodes at once or one after the other.\n\n" +
	"The action waits for other operations on the environment, but refuses to run while the environment migrates. In " +
	"an environment that is stopped or sleeps it does nothing, and warns: programs read everything again when they " +
	"start.\n\n" + terraformOnly

const redeployDescription = "Makes the containers of node groups anew from a tag of their image, and waits until " +
	"they run again. The platform keeps the data in volumes, variables, links and start commands. It does not keep " +
	"other files that were written into the containers.\n\nThe action waits for other operations on the environment, " +
	"but refuses to run while the environment migrates, or does not run. The platform does not support going back to " +
	"an older version of MySQL, MariaDB and Percona.\n\n" + terraformOnly
