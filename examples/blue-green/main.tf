# Two environments of one shop, blue and green: users reach one of them, the next release is prepared in the other, and a
# change of one variable lets their domains change places. It runs without an account, on the local platform. What is
# atomic in that and what is not is in README.md.

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
  idle = var.live == "blue" ? "green" : "blue"
}

module "shop" {
  source   = "../modules/promotion"
  for_each = { blue = var.blue_stage, green = var.green_stage }

  name  = "shop-${each.key}"
  stage = each.value

  # All in one data centre: the moves are live, and addresses and platform domains stay.
  stages = [
    { name = "economy", region = "north-economy" },
    { name = "performance", region = "north-performance" },
  ]

  # No public address: custom domains reach an environment through the platform's shared load balancer.
  node_groups = {
    cp = {
      node_type         = "nginxphp"
      count             = 2
      dynamic_cloudlets = 8
    }
  }
}

# One resource for each domain, never one for each environment: what changes then is where a domain leads, and that is
# one step, after everything that this apply does to the environments.
resource "vap_domain_binding" "live" {
  environment = module.shop[var.live].name
  domain      = var.domain

  lifecycle {
    precondition {
      condition     = module.shop[var.live].production
      error_message = "shop-${var.live} is in ${module.shop[var.live].stage}: promote it before users get there."
    }
  }
}

resource "vap_domain_binding" "preview" {
  environment = module.shop[local.idle].name
  domain      = "preview.${var.domain}"

  # Users first. If their domain does not get to its new place, this one stays where it is.
  depends_on = [vap_domain_binding.live]
}

# Stand for the DNS records. They follow once the domains are bound; resolvers follow when the old records have expired.
resource "terraform_data" "dns_record" {
  for_each = {
    (var.domain)            = module.shop[var.live].domain
    "preview.${var.domain}" = module.shop[local.idle].domain
  }

  input = {
    type  = "CNAME"
    name  = each.key
    value = each.value
  }

  depends_on = [vap_domain_binding.live, vap_domain_binding.preview]
}
