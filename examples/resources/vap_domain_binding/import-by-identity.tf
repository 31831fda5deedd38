import {
  to = vap_domain_binding.www
  identity = {
    environment = "webshop"
    domain      = "www.example.com"
  }
}
