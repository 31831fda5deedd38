# As little as possible: one layer of one node, and the platform decides the rest.
resource "vap_environment" "wiki" {
  name   = "team-wiki"
  region = "north-economy"

  node_groups = {
    cp = { node_type = "apache2" }
  }
}

variable "stage" {
  type    = string
  default = "test"
}

# Built and tested on cheap hardware, then moved, as it is, to the best hardware before the release:
# changing the stage to "prod" migrates the environment.
resource "vap_environment" "shop" {
  name   = "webshop"
  region = var.stage == "prod" ? "north-performance" : "north-economy"

  # Neither terraform destroy nor taking a layer out of the configuration deletes the customers' orders. To delete the
  # environment on purpose, set this to false and apply that first.
  deletion_protection = true

  node_groups = {
    bl = {
      node_type         = "nginx"
      dynamic_cloudlets = 4
      public_ipv4_count = 1
    }
    cp = {
      node_type          = "nginxphp"
      count              = 2
      reserved_cloudlets = 2
      dynamic_cloudlets  = 16
    }
    sqldb = {
      node_type          = "mysql8"
      reserved_cloudlets = 4
      dynamic_cloudlets  = 16
      disk_gb            = 20
    }
  }

  # With a database layer the platform's live migration is a risk, so this environment moves offline. That stops it,
  # which must be permitted, here for the one region to which it is promoted.
  migration_policy = {
    allow_downtime = true
    permit_for     = ["north-performance"]
  }

  timeouts = {
    create = "30m"
  }
}

output "downtime_of_the_promotion" {
  value = try("${vap_environment.shop.last_migration.duration_seconds} s", "not promoted yet")
}
