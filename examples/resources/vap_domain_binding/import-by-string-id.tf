import {
  to = vap_domain_binding.www
  id = "webshop/www.example.com"
}
