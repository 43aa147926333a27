CREATE TABLE "spans" (
	"trace_id" text NOT NULL,
	"span_id" text NOT NULL,
	"request_id" text,
	"started" double precision NOT NULL,
	"is_ended" boolean NOT NULL,
	"linked" text[] NOT NULL,
	"span" jsonb NOT NULL,
	CONSTRAINT "spans_trace_id_span_id_pk" PRIMARY KEY("trace_id","span_id")
);
--> statement-breakpoint
CREATE INDEX "spans_request_id" ON "spans" USING btree ("request_id","started");--> statement-breakpoint
CREATE INDEX "spans_linked" ON "spans" USING gin ("linked");