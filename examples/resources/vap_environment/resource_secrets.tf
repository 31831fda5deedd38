# Keep secrets out of the state and the plan with write-only attributes (Terraform or OpenTofu 1.11).
variable "registry_password" {
  type      = string
  sensitive = true
  ephemeral = true
}

variable "signing_key" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "vap_environment" "reports" {
  name   = "portal-reports"
  region = "north-economy"

  node_groups = {
    reports = {
      node_type = "docker"
      image     = "private/reports"
      tag       = "1.4"

      registry = {
        url                 = "registry.example.com"
        username            = "deploy"
        password_wo         = var.registry_password
        password_wo_version = 1 # increase it when the password changes, because Terraform cannot compare the password
      }

      secret_env_wo         = { SIGNING_KEY = var.signing_key }
      secret_env_wo_version = 1
    }
  }
}
