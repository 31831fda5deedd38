terraform {
  required_providers {
    vap = {
      source = "terraform-provider-vap/vap"
    }
  }
}

# A hosting provider's platform. The token can come from the environment variable VAP_TOKEN instead.
provider "vap" {
  endpoint = "https://app.paas.example.com"
  token    = var.vap_token
}

# A local platform in a folder, to try the provider without an account.
provider "vap" {
  alias = "trial"

  local_platform = {
    directory  = ".vap"
    time_scale = 60
  }
}

variable "vap_token" {
  description = "A personal access token, made in the dashboard."
  type        = string
  sensitive   = true
}
