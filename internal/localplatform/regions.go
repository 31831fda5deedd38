package localplatform

import (
	"strconv"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func init() {
	register("environment/control", map[string]*method{
		"getregions":      {run: (*call).getRegions, reads: true},
		"getregionsinner": {run: (*call).getRegions, reads: true, required: []string{"groupName"}},
	})
}

func (c *call) getRegions() (any, error) {
	onlyEnabled, err := strconv.ParseBool(c.value("isEnabled"))
	filter := err == nil
	regions := []wire.Region{}
	err = c.view(func(t *tx) error {
		for i := range t.catalogue.Datacenters {
			dc := &t.catalogue.Datacenters[i]
			region := wire.Region{
				UniqueName: dc.Name, DisplayName: dc.DisplayName, Domain: dc.Domain, IsMigrationAllowed: &dc.MigrationAllowed,
				Status: regionStatus(dc.Maintenance), IsDefault: dc.Default,
			}
			for j := range dc.Regions {
				r := &dc.Regions[j]
				if filter && r.Enabled != onlyEnabled {
					continue
				}
				region.HardNodeGroups = append(region.HardNodeGroups, wire.HardNodeGroup{
					UniqueName: r.Name, DisplayName: r.DisplayName, Description: r.Description, ShortDescription: r.Description,
					IsEnabled: &r.Enabled, IsDefault: r.Default, Status: regionStatus(r.Maintenance), RegionUniqueName: dc.Name,
					L3Group: r.L3Group, VTypes: r.virtualization(), OSTypes: []string{"LINUX"}, Engine: "PAAS",
				})
			}
			regions = append(regions, region)
		}
		return nil
	})
	return arrayAnswer{Array: regions}, err
}

func regionStatus(maintenance bool) string {
	if maintenance {
		return wire.RegionMaintenance
	}
	return wire.RegionActive
}

func (r *Region) virtualization() []string {
	if len(r.Virtualization) == 0 {
		return []string{"CT"}
	}
	return r.Virtualization
}
