# A small web shop that can be moved between environment regions. It runs without an account, on the local platform.

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

resource "vap_environment" "shop" {
  name         = "webshop"
  display_name = "Web shop"
  region       = var.region # changing it moves the environment

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
      dynamic_cloudlets  = 8
    }
  }

  migration_policy = var.migration_policy
}

# Stands for everything that depends on the environment's addresses: DNS records, firewall rules, allow-lists.
resource "terraform_data" "dns_record" {
  input = {
    name      = vap_environment.shop.domain
    addresses = flatten(vap_environment.shop.nodes[*].public_ipv4)
  }
}

data "vap_regions" "all" {}
