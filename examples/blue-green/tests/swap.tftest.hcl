provider "vap" {
  local_platform = {
    directory  = ".vap"
    time_scale = 3600
  }
}

run "blue_is_live" {
  assert {
    condition     = output.domains == { "shop.example.com" = "shop-blue", "preview.shop.example.com" = "shop-green" }
    error_message = "The domains lead to ${jsonencode(output.domains)}."
  }
}

# Users do not get to cheap hardware.
run "green_is_not_ready" {
  command = plan

  variables {
    live = "green"
  }

  expect_failures = [vap_domain_binding.live]
}

run "promote_green" {
  variables {
    green_stage = "performance"
  }

  assert {
    condition     = output.stages == { shop-blue = "performance", shop-green = "performance" } && output.domains["shop.example.com"] == "shop-blue"
    error_message = "The stages are ${jsonencode(output.stages)}."
  }
}

run "swap" {
  variables {
    live        = "green"
    green_stage = "performance"
  }

  assert {
    condition     = output.domains == { "shop.example.com" = "shop-green", "preview.shop.example.com" = "shop-blue" }
    error_message = "The domains lead to ${jsonencode(output.domains)}."
  }

  assert {
    condition     = terraform_data.dns_record["shop.example.com"].output.value == "shop-green.north.vap.test"
    error_message = "The DNS record did not follow."
  }
}

run "nothing_is_left_to_do" {
  command = plan

  variables {
    live        = "green"
    green_stage = "performance"
  }

  assert {
    condition     = vap_domain_binding.live.environment == "shop-green"
    error_message = "The domain would move again."
  }
}

run "roll_back" {
  variables {
    green_stage = "performance"
  }

  assert {
    condition     = output.domains == { "shop.example.com" = "shop-blue", "preview.shop.example.com" = "shop-green" }
    error_message = "The domains lead to ${jsonencode(output.domains)}."
  }
}

# Blue, still in performance, has the users again; green may go back to cheap hardware.
run "demote_green" {
  assert {
    condition     = output.stages == { shop-blue = "performance", shop-green = "economy" }
    error_message = "The stages are ${jsonencode(output.stages)}."
  }
}
