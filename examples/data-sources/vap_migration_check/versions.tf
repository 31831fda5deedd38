terraform {
  required_providers {
    vap = {
      source = "terraform-provider-vap/vap"
    }
  }
}
