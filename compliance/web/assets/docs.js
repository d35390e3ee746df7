"use strict";
// validatorUrl: Swagger UI would ask another host whether the description is valid.
SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#docs",
  validatorUrl: null,
  deepLinking: true,
  defaultModelsExpandDepth: -1,
});
