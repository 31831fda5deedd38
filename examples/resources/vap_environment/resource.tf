# A minimal environment: one layer with one node. The platform decides the rest.
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

# Build and test on cheap hardware, then move the environment to better hardware for the release:
# changing the stage to "prod" migrates it.
resource "vap_environment" "shop" {
  name   = "webshop"
  region = var.stage == "prod" ? "north-performance" : "north-economy"

  # Protects the customers' orders: neither terraform destroy nor removing a layer from the configuration deletes them.
  # To delete the environment on purpose, set this to false and apply that first.
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

  # A live migration is a risk for databases, so this environment migrates offline. That stops it and needs a
  # permission, here only for the region to which it is promoted.
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
