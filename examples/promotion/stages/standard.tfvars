web_stage      = "standard"
api_stage      = "standard"
database_stage = "standard"
