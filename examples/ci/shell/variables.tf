variable "region" {
  description = "The environment region in which the shop runs."
  type        = string
  default     = "north-performance"
}

variable "migration_policy" {
  description = "What a migration of the shop may do. Live migrations need no permission."
  type = object({
    allow_downtime  = optional(bool)
    allow_ip_change = optional(bool)
    permit_for      = optional(set(string))
  })
  default = null
}
