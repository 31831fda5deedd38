variable "name" {
  description = "The name of the environment."
  type        = string
  default     = "guarded-shop"
}

variable "region" {
  description = "The environment region in which the shop runs."
  type        = string
}

variable "migration_policy" {
  description = "What a migration of the shop may do. Live migrations need no permission."
  type = object({
    mode            = optional(string)
    allow_downtime  = optional(bool)
    allow_ip_change = optional(bool)
    permit_for      = optional(set(string))
  })
  default = null
}
