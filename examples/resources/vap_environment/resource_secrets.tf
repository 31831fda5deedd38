# Secrets stay out of state and plan: these attributes are write-only, which needs Terraform or OpenTofu 1.11.
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
        password_wo_version = 1 # what is not in the state cannot be compared: raise it when the password changes
      }

      secret_env_wo         = { SIGNING_KEY = var.signing_key }
      secret_env_wo_version = 1
    }
  }
}
