# An environment that is promoted from stage to stage, and back: see README.md.

terraform {
  required_version = ">= 1.8"

  required_providers {
    vap = {
      source = "terraform-provider-vap/vap"
    }
  }
}

locals {
  # A name that no stage has leads to the first precondition below.
  region = try([for s in var.stages : s.region if s.name == var.stage][0], var.stage)

  position = { for i, s in var.stages : s.region => i }

  production_regions = anytrue(var.stages[*].production) ? [for s in var.stages : s.region if s.production] : [var.stages[length(var.stages) - 1].region]
  production         = contains(local.production_regions, local.region)
}

resource "vap_environment" "this" {
  name                = var.name
  region              = local.region # changing it moves the environment
  display_name        = var.display_name
  groups              = var.groups
  built_in_ssl        = var.built_in_ssl
  power               = var.power
  deletion_protection = var.deletion_protection
  node_groups         = var.node_groups
  timeouts            = var.timeouts

  migration_policy = merge(var.migration_policy, {
    allow_downtime       = local.production ? var.production_permissions.allow_downtime : var.migration_policy.allow_downtime
    allow_ip_change      = local.production ? var.production_permissions.allow_ip_change : var.migration_policy.allow_ip_change
    allow_live_databases = local.production ? var.production_permissions.allow_live_databases : var.migration_policy.allow_live_databases
    allow_live_mounts    = local.production ? var.production_permissions.allow_live_mounts : var.migration_policy.allow_live_mounts
    permit_for           = [local.region]
    allowed_regions      = var.stages[*].region
  })

  lifecycle {
    precondition {
      condition     = contains(var.stages[*].name, var.stage)
      error_message = "${var.name}: there is no stage \"${var.stage}\". The stages are ${join(", ", var.stages[*].name)}."
    }

    # Where the environment is now stands in the plan of its move, so the plan fails and nothing has been done.
    postcondition {
      condition = self.planned_migration == null ? true : try(
        abs(local.position[self.planned_migration.to_region] - local.position[self.planned_migration.from_region]) == 1, false
      )
      error_message = try(
        format("%s is in stage %s and would skip %s on its way to %s. Apply one stage after the other.",
          var.name,
          var.stages[local.position[self.planned_migration.from_region]].name,
          join(", ", [
            for i, s in var.stages : s.name
            if i > min(local.position[self.planned_migration.from_region], local.position[local.region])
            && i < max(local.position[self.planned_migration.from_region], local.position[local.region])
          ]),
          var.stage,
        ),
        "${var.name} is in ${try(self.planned_migration.from_region, "a region")}, which is the region of no stage, so nobody can tell which stages would be skipped. Write it into stages, at its place in the order.",
      )
    }

    # The provider looks at where a move goes. What leaves production is production until it has left.
    postcondition {
      condition = self.planned_migration == null ? true : !contains(local.production_regions, self.planned_migration.from_region) || (
        (var.production_permissions.allow_downtime || !self.planned_migration.downtime) &&
        (var.production_permissions.allow_ip_change || !self.planned_migration.ip_change)
      )
      error_message = "${var.name} is in production, and leaving it stops the environment${try(self.planned_migration.ip_change, false) ? " and changes its addresses" : ""}. To permit that, write in production_permissions: allow_downtime = true${try(self.planned_migration.ip_change, false) ? ", allow_ip_change = true" : ""}."
    }

    postcondition {
      condition = self.planned_migration == null ? true : !contains(local.production_regions, self.planned_migration.from_region) || self.planned_migration.mode != "live" || (
        (var.production_permissions.allow_live_databases || self.planned_migration.databases == null) &&
        (var.production_permissions.allow_live_mounts || self.planned_migration.mounts == null)
      )
      error_message = format("%s is in production, and leaving it live endangers %s. To permit that, write in production_permissions: %s.",
        var.name,
        try(join(", ", distinct(concat(coalesce(self.planned_migration.databases, []), coalesce(self.planned_migration.mounts, [])))), ""),
        try(join(", ", concat(
          self.planned_migration.databases != null ? ["allow_live_databases = true"] : [],
          self.planned_migration.mounts != null ? ["allow_live_mounts = true"] : [],
        )), ""),
      )
    }
  }
}
