web_stage      = "performance"
api_stage      = "performance"
database_stage = "performance"
