CREATE TABLE "revocations" (
	"issuer" text NOT NULL,
	"jti_hash" text NOT NULL,
	"expires_at" double precision NOT NULL,
	CONSTRAINT "revocations_issuer_jti_hash_pk" PRIMARY KEY("issuer","jti_hash")
);
--> statement-breakpoint
CREATE INDEX "revocations_expiry" ON "revocations" USING btree ("expires_at");