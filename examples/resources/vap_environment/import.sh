# An environment is imported by its name.
terraform import vap_environment.shop webshop
