web_stage      = "economy"
api_stage      = "economy"
database_stage = "economy"
