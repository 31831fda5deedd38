# A domain binding is imported by the name of the environment and the domain.
terraform import vap_domain_binding.www webshop/www.example.com
