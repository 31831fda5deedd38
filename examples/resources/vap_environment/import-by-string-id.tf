import {
  to = vap_environment.shop
  id = "webshop"
}
