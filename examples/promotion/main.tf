# A shop of three environments that is built and tested on cheap hardware and promoted to better hardware for its release.
# It runs without an account, on the local platform. How to promote it is in README.md.

terraform {
  required_version = ">= 1.8"

  required_providers {
    vap = {
      source = "terraform-provider-vap/vap"
    }
  }
}

provider "vap" {
  local_platform = {
    directory  = ".vap" # everything that the local platform keeps
    time_scale = 60     # what takes a minute on a real platform takes a second
  }
}

locals {
  # One list for all three. The last stage is production; here it is in a data centre of its own, so that getting there
  # and back is offline and changes addresses, while everything below it can move live.
  stages = [
    { name = "economy", region = "north-economy" },
    { name = "standard", region = "north-standard" },
    { name = "performance", region = "south-performance" },
  ]

  # Below production the shop may stop and get other addresses. Production needs permissions of its own.
  migration_policy = {
    allow_downtime  = true
    allow_ip_change = true
  }
}

module "web" {
  source = "../modules/promotion"

  name                   = "shop-web"
  stages                 = local.stages
  stage                  = var.web_stage
  migration_policy       = local.migration_policy
  production_permissions = var.production_permissions

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
}

module "api" {
  source = "../modules/promotion"

  name                   = "shop-api"
  stages                 = local.stages
  stage                  = var.api_stage
  migration_policy       = local.migration_policy
  production_permissions = var.production_permissions

  node_groups = {
    cp = {
      node_type         = "nodejs"
      dynamic_cloudlets = 8
    }
  }
}

# Databases do not move live unless somebody insists: this environment stops even within a data centre.
module "database" {
  source = "../modules/promotion"

  name                   = "shop-database"
  stages                 = local.stages
  stage                  = var.database_stage
  migration_policy       = local.migration_policy
  production_permissions = var.production_permissions

  node_groups = {
    sqldb = {
      node_type         = "postgresql"
      dynamic_cloudlets = 16
    }
  }
}

# Stands for the DNS record of the shop, which follows in the apply that changes the address.
resource "terraform_data" "dns_record" {
  input = {
    name      = "shop.example.com"
    addresses = module.web.addresses.public_ipv4
  }
}
