--
-- PostgreSQL database dump
--

COPY dispatch_organization_bakery.event (id, uuid, started_at, ended_at, source, description, details, individual_id, incident_id, search_vector, created_at) FROM stdin;
1	u1	2026-01-05 09:00:00.5	2026-01-05 09:00:00.5	Dispatch Core App	Incident created	null	\N	1	\N	2026-01-05 09:00:01
2	u2	2026-01-05 09:05:00	2026-01-05 09:05:00	Dispatch Core App	Otter Example added to incident with Incident Commander role	null	\N	1	\N	2026-01-05 09:05:00
3	u3	2026-01-05 09:30:00	2026-01-05 09:30:00	Incident Participant	Otter Example created a new tactical report	{"conditions": "Cold\\nand dark", "actions": "None", "needs": "Light"}	7	1	\N	2026-01-05 09:30:00
5	u5	2026-01-05 09:05:00	2026-01-05 09:05:00	Dispatch Core App	Case created	null	\N	\N	\N	2026-01-05 09:05:00
4	u4	cut short
\.

COPY dispatch_organization_bakery.incident (id, name, title, description, status, reported_at, stable_at, closed_at, incident_priority_id, created_at) FROM stdin;
1	bakery-1	Oven\tfour	Cold\nand dark	Active	2026-01-05 09:00:00	\N	\N	3	2026-01-05 09:00:01
\.
COPY dispatch_organization_bakery.incident_priority (id, name, view_order) FROM stdin;
3	Low	3
\.
COPY dispatch_organization_bakery.incident_cost (id, amount, incident_cost_type_id, incident_id) FROM stdin;
1	100.50	2	1
\.
COPY dispatch_organization_bakery.incident_cost_type (id, name, category) FROM stdin;
2	Bread lost	Secondary
\.
COPY dispatch_organization_bakery.participant (id, team, location, incident_id, individual_contact_id) FROM stdin;
1	Bakers	Europe/Berlin	1	7
\.
COPY dispatch_organization_bakery.participant_role (id, assumed_at, renounced_at, role, participant_id) FROM stdin;
1	2026-01-05 09:05:00	\N	Incident Commander	1
\.
COPY dispatch_organization_bakery.report (id, created_at, details, type, incident_id) FROM stdin;
1	2026-01-05 09:30:00	{"conditions": "Cold\\nand dark", "actions": "None", "needs": "Light"}	Tactical Report	1
2	2026-01-05 10:30:00	{"conditions": "Warm", "actions": "None", "needs": "None"}	Tactical Report	1
\.
COPY dispatch_organization_bakery.plugin (id) FROM stdin;
1
\.
COPY public.incident (id, name, title, description, status, cost, reported_at, stable_at, closed_at, incident_priority_id) FROM stdin;
1	old-1	Rye	Late	Stable	0	2026-01-01 09:00:00	2026-01-01 10:00:00	\N	3
