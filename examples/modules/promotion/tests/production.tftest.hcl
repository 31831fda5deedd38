# A new environment may begin in any stage, and any stage may be marked as production.

provider "vap" {
  local_platform = {
    directory  = ".vap"
    time_scale = 3600
  }
}

provider "vap" {
  alias                 = "reviewing"
  migration_enforcement = "apply"
  local_platform = {
    directory  = ".vap"
    time_scale = 3600
  }
}

variables {
  name = "tested-again"
  stages = [
    { name = "test", region = "north-economy" },
    { name = "live", region = "north-standard", production = true },
    { name = "peak", region = "north-performance", production = true },
  ]
  stage            = "live"
  node_groups      = { sqldb = { node_type = "postgresql" } }
  migration_policy = { allow_downtime = true }
}

run "begin_in_production" {
  assert {
    condition     = output.production && output.stage == "live" && output.last_migration == null
    error_message = "The environment is in ${output.region}."
  }
}

# What is permitted below production is not permitted on the way out of it, live moves of databases included.
run "database_does_not_leave_live" {
  command = plan

  variables {
    stage            = "test"
    migration_policy = { mode = "live", allow_live_databases = true }
  }

  expect_failures = [vap_environment.this]
}

run "database_leaves_live_with_permission" {
  command = plan

  variables {
    stage                  = "test"
    migration_policy       = { mode = "live", allow_live_databases = true }
    production_permissions = { allow_live_databases = true }
  }

  assert {
    condition     = output.stage == "test"
    error_message = "The environment would be in ${output.region}."
  }
}

# From a production stage to another one is into production and out of it.
run "every_marked_stage_is_production" {
  command = plan

  providers = {
    vap = vap.reviewing
  }

  variables {
    stage = "peak"
  }

  expect_failures = [vap_environment.this]
}

run "within_production" {
  variables {
    stage                  = "peak"
    production_permissions = { allow_downtime = true }
  }

  assert {
    condition     = output.last_migration.mode == "offline" && output.last_migration.downtime
    error_message = "A database moves offline."
  }
}
