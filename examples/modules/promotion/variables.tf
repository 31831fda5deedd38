variable "name" {
  description = "The name of the environment, unique on the whole platform, for example \"shop-web\". Changing it replaces the environment."
  type        = string
}

variable "stages" {
  description = <<-END
    The stages from the first to the last, the same list for all environments that are promoted along it. Each has a name
    and an environment region of its own; the regions may be in different data centres. Stages with production = true are
    production, and where no stage is marked, the last one is.
  END
  type = list(object({
    name       = string
    region     = string
    production = optional(bool, false)
  }))
  nullable = false

  validation {
    condition     = length(var.stages) > 0
    error_message = "There has to be at least one stage."
  }
  validation {
    condition     = length(distinct(var.stages[*].name)) == length(var.stages)
    error_message = "Two stages have the same name."
  }
  validation {
    condition     = length(distinct(var.stages[*].region)) == length(var.stages)
    error_message = "Two stages have the same region. An environment's stage is told by its region, so each stage needs its own."
  }
}

variable "stage" {
  description = "The name of the stage in which the environment is or shall be, for example \"standard\". Changing it to the next stage or the one before moves the environment."
  type        = string
  nullable    = false
}

variable "node_groups" {
  description = "The layers by name, as node_groups of vap_environment has them, without its write-only arguments (see README.md)."
  type = map(object({
    node_type          = string
    count              = optional(number)
    reserved_cloudlets = optional(number)
    dynamic_cloudlets  = optional(number)
    disk_gb            = optional(number)
    tag                = optional(string)
    image              = optional(string)
    env                = optional(map(string))
    public_ipv4_count  = optional(number)
    public_ipv6_count  = optional(number)
    display_name       = optional(string)
    scaling_mode       = optional(string)
    links              = optional(set(string))
    registry = optional(object({
      url      = optional(string)
      username = optional(string)
    }))
    volumes = optional(map(object({
      source_node_group = optional(string)
      source_node_id    = optional(number)
      source_path       = optional(string)
      protocol          = optional(string)
      read_only         = optional(bool)
    })))
  }))
  nullable = false

  validation {
    condition     = length(var.node_groups) > 0
    error_message = "An environment has at least one layer."
  }
}

variable "migration_policy" {
  description = <<-END
    How the environment may move, as migration_policy of vap_environment has it. The permissions allow_* are for stages
    that are not production; each holds for moves to the present stage alone. permit_for and allowed_regions are the
    module's own business.
  END
  type = object({
    mode                 = optional(string)
    allow_downtime       = optional(bool, false)
    allow_ip_change      = optional(bool, false)
    allow_live_databases = optional(bool, false)
    allow_live_mounts    = optional(bool, false)
    database_layers      = optional(set(string))
    max_hourly_cost      = optional(number)
    on_external_move     = optional(string)
    timeout              = optional(string)
    window = optional(object({
      days      = optional(set(string))
      start     = string
      duration  = string
      time_zone = optional(string)
    }))
    verify = optional(object({
      url             = optional(string)
      path            = optional(string)
      expected_status = optional(set(number))
      patience        = optional(string)
    }))
  })
  default  = {}
  nullable = false
}

variable "production_permissions" {
  description = <<-END
    What a move into production may do, and, with the permissions for the stage to which it goes, a move out of it.
    Nothing by default: a live move needs no permission. Give them for the one run that needs them.
  END
  type = object({
    allow_downtime       = optional(bool, false)
    allow_ip_change      = optional(bool, false)
    allow_live_databases = optional(bool, false)
    allow_live_mounts    = optional(bool, false)
  })
  default  = {}
  nullable = false
}

variable "display_name" {
  description = "The name that the dashboard shows, for example \"Shop\". Not managed if it is null."
  type        = string
  default     = null
}

variable "groups" {
  description = "The environment groups to which the environment belongs, for example [\"shop/web\"]; an empty set takes it out of all. Not managed if it is null."
  type        = set(string)
  default     = null
}

variable "built_in_ssl" {
  description = "Whether the platform's own certificate makes the environment's domain reachable by HTTPS. Not managed if it is null."
  type        = bool
  default     = null
}

variable "power" {
  description = "\"running\" or \"stopped\". Not managed if it is null."
  type        = string
  default     = null

  validation {
    condition     = var.power == null ? true : contains(["running", "stopped"], var.power)
    error_message = "power is \"running\" or \"stopped\"."
  }
}

variable "deletion_protection" {
  description = "Refuses to destroy or rename the environment and to remove its layers. The default is false."
  type        = bool
  default     = null
}

variable "timeouts" {
  description = "How long Terraform waits for the platform, for example { create = \"45m\" }."
  type = object({
    create = optional(string)
    read   = optional(string)
    update = optional(string)
    delete = optional(string)
  })
  default = null
}
