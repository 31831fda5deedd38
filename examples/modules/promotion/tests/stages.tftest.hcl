provider "vap" {
  local_platform = {
    directory  = ".vap"
    time_scale = 3600
  }
}

# Lets plans pass for which permissions are missing, and says which.
provider "vap" {
  alias                 = "reviewing"
  migration_enforcement = "apply"
  local_platform = {
    directory  = ".vap"
    time_scale = 3600
  }
}

variables {
  name = "tested-shop"
  stages = [
    { name = "economy", region = "north-economy" },
    { name = "standard", region = "north-standard" },
    { name = "performance", region = "south-performance" },
  ]
  stage            = "economy"
  node_groups      = { cp = { node_type = "nginxphp", public_ipv4_count = 1 } }
  migration_policy = { allow_downtime = true, allow_ip_change = true }
}

run "begin" {
  assert {
    condition     = output.stage == "economy" && output.region == "north-economy" && !output.production && output.last_migration == null
    error_message = "The environment begins in ${output.region}."
  }
}

run "no_stage_is_skipped" {
  command = plan

  variables {
    stage                  = "performance"
    production_permissions = { allow_downtime = true, allow_ip_change = true }
  }

  expect_failures = [vap_environment.this]
}

run "there_is_no_such_stage" {
  command = plan

  variables {
    stage = "production"
  }

  expect_failures = [vap_environment.this]
}

run "promote" {
  variables {
    stage = "standard"
  }

  assert {
    condition     = output.stage == "standard" && output.last_migration.mode == "live"
    error_message = "Within the data centre the promotion is live."
  }
}

# What is permitted elsewhere is not permitted in production.
run "production_needs_permissions" {
  command = plan

  providers = {
    vap = vap.reviewing
  }

  variables {
    stage = "performance"
  }

  assert {
    condition     = tolist(vap_environment.this.planned_migration.missing_permissions) == tolist(["allow_downtime", "allow_ip_change"])
    error_message = "Missing are ${join(", ", vap_environment.this.planned_migration.missing_permissions)}."
  }
}

run "promote_to_production" {
  variables {
    stage                  = "performance"
    production_permissions = { allow_downtime = true, allow_ip_change = true }
  }

  assert {
    condition     = output.production && output.last_migration.mode == "offline" && output.domain == "tested-shop.south.vap.test"
    error_message = "The environment is in ${output.region}."
  }

  assert {
    condition     = vap_environment.this.migration_policy.permit_for == toset(["south-performance"])
    error_message = "The permissions hold for more than production's region."
  }

  assert {
    condition     = length(output.addresses.public_ipv4) == 1 && length(output.addresses.internal) == 1
    error_message = "The addresses are not those of all nodes."
  }
}

run "nothing_is_left_to_do" {
  command = plan

  variables {
    stage = "performance"
  }

  assert {
    condition     = vap_environment.this.planned_migration == null
    error_message = "The environment would move again."
  }
}

# The permissions for standard do not stop production.
run "leaving_production_needs_permissions" {
  command = plan

  variables {
    stage = "standard"
  }

  expect_failures = [vap_environment.this]
}

run "go_back" {
  variables {
    stage                  = "standard"
    production_permissions = { allow_downtime = true, allow_ip_change = true }
  }

  assert {
    condition     = output.stage == "standard" && output.last_migration.from_region == "south-performance"
    error_message = "The environment is in ${output.region}."
  }
}

run "go_back_further" {
  assert {
    condition     = output.stage == "economy" && output.last_migration.mode == "live"
    error_message = "The environment is in ${output.region}."
  }
}

# An environment in the region of no stage is not moved.
run "stages_without_the_present_region" {
  command = plan

  variables {
    stages = [
      { name = "standard", region = "north-standard" },
      { name = "performance", region = "north-performance" },
    ]
    stage = "standard"
  }

  expect_failures = [vap_environment.this]
}

run "stages_are_distinct" {
  command = plan

  variables {
    stages = [
      { name = "economy", region = "north-economy" },
      { name = "economy", region = "north-economy" },
    ]
  }

  expect_failures = [var.stages]
}
