terraform {
  required_providers {
    vap = {
      source = "terraform-provider-vap/vap"
    }
  }
}

# A hosting provider's platform. The token is in the environment variable VAP_TOKEN.
provider "vap" {
  endpoint = "https://app.paas.example.com" # or VAP_ENDPOINT

  # The dashboard marks these two regions with LM although they are in different data centres.
  live_migration = [
    { between = ["north-standard", "south-standard"], possible = true },
  ]

  # Prices for the costs in plans, if the platform does not report them.
  prices = {
    "north-economy" = {
      currency          = "EUR"
      reserved_cloudlet = [{ from = 1, price = 0.0031 }, { from = 16, price = 0.0028 }]
      dynamic_cloudlet  = [{ from = 1, price = 0.0039 }]
      disk_gb           = [{ from = 1, free = 10, price = 0.00012 }]
      public_ipv4       = [{ price = 0.004 }]
    }
  }
}

# A local platform, to try the provider without an account: nothing is created at a hosting provider.
provider "vap" {
  alias = "local"

  local_platform = {
    directory  = ".vap" # or VAP_LOCAL_PLATFORM
    time_scale = 60     # what takes a minute on a real platform takes a second
  }
}
