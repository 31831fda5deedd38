# A shop whose moves go through a pipeline: plan, review, gate, apply (ci.sh).

terraform {
  required_version = ">= 1.8"

  required_providers {
    vap = {
      source = "terraform-provider-vap/vap"
    }
  }
}

# The pipeline says which platform it is: VAP_ENDPOINT and VAP_TOKEN, or VAP_LOCAL_PLATFORM to try it without an account.
# No migration_enforcement here: it would beat the variable that ci.sh sets for its plans.
provider "vap" {}

resource "vap_environment" "shop" {
  name   = "ci-shop"
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
}

# Stands for the DNS record of the shop: it follows when the addresses change.
resource "terraform_data" "dns_record" {
  input = {
    name      = vap_environment.shop.domain
    addresses = flatten(vap_environment.shop.nodes[*].public_ipv4)
  }
}
