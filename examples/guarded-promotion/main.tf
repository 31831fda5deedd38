# A team's module for a shop that is built and tested on cheap hardware and promoted to better hardware before the
# release. "terraform test" (or "tofu test") tries it on the local platform, without an account: see tests.

terraform {
  required_version = ">= 1.8"

  required_providers {
    vap = {
      source = "terraform-provider-vap/vap"
    }
  }
}

resource "vap_environment" "shop" {
  name   = var.name
  region = var.region

  node_groups = {
    bl = {
      node_type         = "nginx"
      public_ipv4_count = 1
    }
    cp = {
      node_type         = "nginxphp"
      count             = 2
      dynamic_cloudlets = 8
    }
  }

  migration_policy = var.migration_policy

  lifecycle {
    # A rule of this team's own, on top of migration_policy: the partners' allow-lists contain the addresses.
    postcondition {
      condition     = self.planned_migration == null ? true : !self.planned_migration.ip_change
      error_message = "The shop must keep its addresses: ${try(self.planned_migration.to_region, "the target")} would give it new ones."
    }
  }
}
