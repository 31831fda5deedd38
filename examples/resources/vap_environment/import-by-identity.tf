import {
  to = vap_environment.shop
  identity = {
    name = "webshop"
  }
}
