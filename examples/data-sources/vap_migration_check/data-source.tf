# Checks a move of the shop to another data centre without moving it.
data "vap_migration_check" "south" {
  environment = "shop-prod"
  to_region   = "south-standard"

  policy = {
    allow_downtime  = true
    allow_ip_change = true
  }
}

output "south" {
  value = {
    possible      = data.vap_migration_check.south.possible
    mode          = data.vap_migration_check.south.mode
    downtime      = data.vap_migration_check.south.downtime
    new_addresses = data.vap_migration_check.south.ip_change
    domain        = data.vap_migration_check.south.expected_domain
    blockers      = data.vap_migration_check.south.blockers[*].summary
    warnings      = data.vap_migration_check.south.warnings[*].summary
    cost_a_month  = try(data.vap_migration_check.south.cost_after.monthly_max, null)
  }
}

# The regions to which the shop can move without stopping.
data "vap_regions" "usable" {
  usable = true
}

data "vap_migration_check" "each" {
  for_each = toset(data.vap_regions.usable.regions[*].name)

  environment = "shop-prod"
  to_region   = each.key
}

output "live" {
  value = [for region, check in data.vap_migration_check.each : region if check.possible == true && check.mode == "live"]
}

# A check block warns in every plan but does not fail it: the promotion for a release must stay possible.
check "promotion" {
  data "vap_migration_check" "promotion" {
    environment = "shop-prod"
    to_region   = "north-performance"
  }

  assert {
    condition     = data.vap_migration_check.promotion.possible == true
    error_message = "The shop cannot be promoted: ${join("; ", data.vap_migration_check.promotion.blockers[*].summary)}"
  }
}

# A precondition fails the plan: no release unless the shop could move to the other data centre.
resource "terraform_data" "release" {
  input = "2026.3"

  lifecycle {
    precondition {
      condition     = data.vap_migration_check.south.possible == true
      error_message = join("\n\n", data.vap_migration_check.south.blockers[*].detail)
    }
  }
}
