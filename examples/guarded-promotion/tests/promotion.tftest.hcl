provider "vap" {
  local_platform = {
    directory  = ".vap"
    time_scale = 600
  }
}

# Lets plans pass for which permissions are missing, and says which.
provider "vap" {
  alias                 = "reviewing"
  migration_enforcement = "apply"
  local_platform = {
    directory  = ".vap"
    time_scale = 600
  }
}

variables {
  region = "north-economy"
}

run "build" {
  assert {
    condition     = vap_environment.shop.last_migration == null
    error_message = "A new shop has not moved."
  }
}

# What the promotion would do, before anything is done.
run "promotion_is_planned_live" {
  command = plan

  variables {
    region = "north-performance"
  }

  assert {
    condition     = vap_environment.shop.planned_migration.mode == "live" && !vap_environment.shop.planned_migration.downtime
    error_message = "The promotion would be ${vap_environment.shop.planned_migration.mode}."
  }

  assert {
    condition     = vap_environment.shop.planned_migration.hourly_cost_after < 0.5
    error_message = "The shop would become too expensive."
  }
}

run "promote" {
  variables {
    region = "north-performance"
  }

  assert {
    condition     = vap_environment.shop.last_migration.to_region == "north-performance" && output.last_promotion.mode == "live"
    error_message = "The shop was not promoted live."
  }
}

run "nothing_is_left_to_do" {
  command = plan

  variables {
    region = "north-performance"
  }

  assert {
    condition     = vap_environment.shop.planned_migration == null
    error_message = "The shop would move again."
  }
}

# The postcondition holds against a permission, too.
run "new_addresses_are_refused" {
  command = plan

  variables {
    region           = "south-standard"
    migration_policy = { allow_downtime = true, allow_ip_change = true }
  }

  expect_failures = [vap_environment.shop]
}

run "downtime_needs_a_permission" {
  command = plan

  providers = {
    vap = vap.reviewing
  }

  variables {
    region           = "north-standard"
    migration_policy = { mode = "offline" }
  }

  assert {
    condition     = tolist(vap_environment.shop.planned_migration.missing_permissions) == tolist(["allow_downtime"])
    error_message = "The shop may be stopped without anybody's permission."
  }
}
