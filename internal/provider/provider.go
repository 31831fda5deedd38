// Package provider assembles the provider: its schema, its configuration, its resources, data sources, list resources
// and actions.
package provider

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/domain"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/environment"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/environmentdata"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/nodeaction"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/probe"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/region"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/stack"
)

var (
	_ provider.ProviderWithListResources = (*vapProvider)(nil)
	_ provider.ProviderWithActions       = (*vapProvider)(nil)
)

type vapProvider struct {
	version string
	adjust  []func(*migration.Settings)
	// service is nil until Configure sets it, and stays nil while the configuration is unknown.
	service atomic.Pointer[migration.Service]
}

// New returns a function that creates the provider. Terraform and the platform see the version. Tests may adjust the
// resolved settings, such as the clock.
func New(version string, adjust ...func(*migration.Settings)) func() provider.Provider {
	return func() provider.Provider { return &vapProvider{version: version, adjust: adjust} }
}

// Metadata implements provider.Provider.
func (p *vapProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "vap"
	resp.Version = p.version
}

// Schema implements provider.Provider.
func (p *vapProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

// Resources implements provider.Provider.
func (p *vapProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{environment.NewResource, domain.NewResource}
}

// DataSources implements provider.Provider.
func (p *vapProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		region.NewDataSource, region.NewListDataSource,
		environmentdata.NewDataSource, environmentdata.NewListDataSource, environmentdata.NewCheckDataSource,
		stack.NewListDataSource,
	}
}

// ListResources implements provider.ProviderWithListResources.
func (p *vapProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		func() list.ListResource { return environmentdata.NewListResource(environment.DescribeListed) },
	}
}

// Actions implements provider.ProviderWithActions.
func (p *vapProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{nodeaction.NewRestart, nodeaction.NewRedeploy}
}

// Configure passes a *migration.Service to resources, data sources and actions. While a part of the configuration is
// unknown, as in plans that create what it refers to, Configure passes nothing, and resources plan without the
// platform. Configure contacts the platform only to check that it lists the regions in the configuration.
func (p *vapProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	if !req.Config.Raw.IsFullyKnown() {
		return
	}
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s, diags := resolve(config, os.Getenv)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	s.platform.UserAgent = fmt.Sprintf("terraform-provider-vap/%s (Terraform/%s)", p.version, req.TerraformVersion)
	s.platform.Log = func(ctx context.Context, message string, fields map[string]any) {
		tflog.Debug(ctx, message, fields)
	}
	anonymous, err := platform.AnonymousTransport(s.platform.CACertificate)
	if err != nil {
		resp.Diagnostics.Append(s.unusable(err))
		return
	}
	s.migration.Prober = probe.New(anonymous)
	if s.local != nil {
		resp.Diagnostics.Append(s.openLocal(anonymous)...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	client, err := platform.New(s.platform)
	if err != nil {
		resp.Diagnostics.Append(s.unusable(err))
		return
	}
	if s.local != nil {
		s.migration.PollPolicy = migration.DefaultPollPolicy.Scaled(s.local.TimeScale)
	}
	for _, adjust := range p.adjust {
		adjust(&s.migration)
	}
	s.migration.Warn = func(ctx context.Context, message string, fields map[string]any) {
		tflog.Warn(ctx, message, fields)
	}
	service := migration.NewService(client, s.migration)
	resp.Diagnostics.Append(checkRegions(ctx, service, config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	p.service.Store(service)
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData, resp.ActionData = service, service, service, service
}

// localPatience is how long to wait for a local platform's response: the usual time divided by the scale, but long
// enough for a busy machine.
func localPatience(scale float64) time.Duration {
	const usual = 2 * time.Minute
	return min(usual, max(10*time.Second, time.Duration(float64(12*time.Hour)/max(scale, 1))))
}

// openLocal uses the local platform instead of a hosting provider's. It is never closed: it keeps nothing in memory,
// and Terraform ends the process when it no longer needs the provider. Requests to hosts outside the local platform
// go through anonymous.
func (s *settings) openLocal(anonymous http.RoundTripper) diag.Diagnostics {
	var diags diag.Diagnostics
	local, err := localplatform.Open(*s.local)
	if err != nil {
		wrong := s.localOrigin()
		if variable, ok := s.origins["local_platform.catalogue"]; ok {
			wrong += " or the environment variable " + variable
		}
		diags.AddAttributeError(s.localPath(), "The local platform cannot be opened",
			sentence(err.Error())+" Correct "+wrong+".")
		return diags
	}
	s.platform.Endpoint, s.platform.Token = "http://localhost", s.local.Token
	s.platform.Transport, s.migration.Prober = local.Transport(), probe.New(local.Sites(anonymous))
	s.platform.Retry = s.platform.Retry.Scaled(s.local.TimeScale)
	s.platform.Patience = localPatience(s.local.TimeScale)
	return append(diags, s.warnOfLocal()...)
}
