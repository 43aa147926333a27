/**
 * A configuration as it is written for the published ext_authz AAuth service: its names, its defaults, its keys beside the
 * working directory, and nothing of ours.
 */
export const publishedConfig = ({ grpc, http }: { readonly grpc: number; readonly http: number }) => `
listen:
  grpc: ":${grpc}"
  http: ":${http}"

jwks_cache:
  success_ttl: 5m
  error_ttl: 30s
  max_entries: 1000

resources:
  - id: supply-chain-agent
    issuer: http://supply-chain-agent.localhost:3000
    client_name: Supply chain
    logo_uri: http://supply-chain-agent.localhost:3000/logo.png
    login_endpoint: http://supply-chain-agent.localhost:3000/login
    hosts:
      - supply-chain-agent.localhost
      - supply-chain-agent.localhost:3000
    authority_override: "supply-chain-agent.localhost:3000"
    signing_key:
      kid: spa-rsk-1
      alg: EdDSA
      private_key_file: keys/spa-resource-key.pem
    signature_window: 60s
    allow_pseudonymous: false
    strip_signature_headers: false
    supported_scopes:
      - supply-chain:check
      - supply-chain:read
    scope_descriptions:
      supply-chain:check: Check supply chain
    default_resource_token_scopes:
      - supply-chain:check
    access:
      require: auth-token
    person_server:
      issuer: http://127.0.0.1:8765
      jwks_uri: http://127.0.0.1:8765/.well-known/jwks.json
    allowed_signature_key_schemes:
      - jwt
    allowed_jwt_types:
      - aa-agent+jwt
      - aa-auth+jwt
    policy:
      name: default

  - id: anybody
    issuer: https://resource.example.com
    hosts:
      - resource.example.com
      - localhost:8080
    signing_key:
      kid: rsk-1
      alg: EdDSA
      private_key_file: keys/no-such-key.pem
    signature_window: 90s
    additional_signature_components: []
    authorization_endpoint: https://auth.example.com/oauth/authorize
    allow_pseudonymous: true
    allow_insecure_jwt_issuer: true
    authority_override: ""
    auth_servers:
      - issuer: https://auth.example.com
        jwks_uri: https://auth.example.com/.well-known/jwks.json
    agent_servers:
      - issuer: https://agents.example.com
        jwks_uri: https://agents.example.com/.well-known/jwks.json
    allowed_signature_key_schemes:
      - hwk
      - jwks_uri
      - jwt
    allowed_jwt_types:
      - aa-agent+jwt
      - aa-auth+jwt
    policy:
      name: default
`;
