variable "live" {
  description = "The environment that users reach: \"blue\" or \"green\". The other one gets the preview domain."
  type        = string
  default     = "blue"

  validation {
    condition     = contains(["blue", "green"], var.live)
    error_message = "live is \"blue\" or \"green\"."
  }
}

variable "blue_stage" {
  description = "The stage of the environment shop-blue: \"economy\" or \"performance\"."
  type        = string
  default     = "performance"
}

variable "green_stage" {
  description = "The stage of the environment shop-green: \"economy\" or \"performance\"."
  type        = string
  default     = "economy"
}

variable "domain" {
  description = "The domain of the shop. The environment that is not live has \"preview.\" before it."
  type        = string
  default     = "shop.example.com"
}
