variable "web_stage" {
  description = "The stage of the environment shop-web."
  type        = string
}

variable "api_stage" {
  description = "The stage of the environment shop-api."
  type        = string
}

variable "database_stage" {
  description = "The stage of the environment shop-database."
  type        = string
}

variable "production_permissions" {
  description = "What getting into production and out of it may do in this run. See production-permissions.tfvars."
  type = object({
    allow_downtime  = optional(bool)
    allow_ip_change = optional(bool)
  })
  default = {}
}
