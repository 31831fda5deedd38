# The shop on its way to production and back, as stages/*.tfvars have it.

provider "vap" {
  local_platform = {
    directory  = ".vap"
    time_scale = 3600
  }
}

variables {
  web_stage      = "economy"
  api_stage      = "economy"
  database_stage = "economy"
}

run "economy" {
  assert {
    condition     = alltrue([for environment in output.shop : environment.stage == "economy" && environment.moved == null])
    error_message = "The shop does not begin in economy."
  }
}

# Each environment has a stage of its own: the database goes ahead.
run "database_first" {
  variables {
    database_stage = "standard"
  }

  assert {
    condition     = output.shop.database.stage == "standard" && startswith(output.shop.database.moved, "offline") && output.shop.web.moved == null
    error_message = "Not the database alone moved, offline."
  }
}

run "standard" {
  variables {
    web_stage      = "standard"
    api_stage      = "standard"
    database_stage = "standard"
  }

  assert {
    condition     = startswith(output.shop.web.moved, "live") && startswith(output.shop.api.moved, "live")
    error_message = "Web and API are not promoted live."
  }
}

run "performance" {
  variables {
    web_stage              = "performance"
    api_stage              = "performance"
    database_stage         = "performance"
    production_permissions = { allow_downtime = true, allow_ip_change = true }
  }

  assert {
    condition     = alltrue([for environment in output.shop : environment.stage == "performance" && endswith(environment.domain, ".south.vap.test")])
    error_message = "The shop is not in production."
  }
}

run "back_to_standard" {
  variables {
    web_stage              = "standard"
    api_stage              = "standard"
    database_stage         = "standard"
    production_permissions = { allow_downtime = true, allow_ip_change = true }
  }

  assert {
    condition     = terraform_data.dns_record.output.addresses == module.web.addresses.public_ipv4
    error_message = "The DNS record did not follow."
  }
}
