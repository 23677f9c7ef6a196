// Made by `npm run generate` from the OpenAPI document. Do not edit.

export interface components {
    schemas: {
        Meta: {
            /** @constant */
            success: true;
            status_code: number;
            status_message: string;
            request_id: string;
            warnings?: string[];
        };
        ListMeta: {
            /** @constant */
            success: true;
            status_code: number;
            status_message: string;
            request_id: string;
            warnings?: string[];
            count: number;
            limit: number;
            offset: number;
            next_cursor: string | null;
            total?: number;
        };
        FailureDetails: {
            /** @enum {string} */
            category: "validation" | "database_schema" | "database_duplicate" | "database_constraint" | "database_connection" | "authentication" | "permission" | "not_found" | "conflict" | "payload_too_large" | "throttled" | "storage" | "upstream" | "internal";
            code: number;
            message: string;
            recoverable: boolean;
            fields?: {
                [key: string]: string[];
            };
            /**
             * @description Of a 429: too many, or too much at once.
             * @enum {string}
             */
            reason?: "rate" | "busy";
            /** @description The entry of a bulk request. */
            row?: {
                section?: string;
                index?: number;
            };
        };
        Search: {
            q?: string;
            and?: components["schemas"]["SearchNode"][];
            or?: components["schemas"]["SearchNode"][];
            not?: components["schemas"]["SearchNode"];
        };
        SearchNode: components["schemas"]["SearchCondition"] | components["schemas"]["SearchGroup"];
        SearchCondition: {
            /** @description A field, or `relation.field` one step up. */
            field: string;
            /** @enum {string} */
            op: "between" | "contains" | "ends_with" | "eq" | "gt" | "gte" | "in" | "is_not_null" | "is_null" | "like" | "lt" | "lte" | "ne" | "not_contains" | "not_in" | "not_like" | "starts_with" | "!=" | "<" | "<=" | "=" | "==" | ">" | ">=" | "endswith" | "nin" | "startswith";
            /** @description A list for in, not_in, between; nothing for is_null, is_not_null. */
            value?: unknown;
        };
        SearchGroup: {
            and?: components["schemas"]["SearchNode"][];
            or?: components["schemas"]["SearchNode"][];
            not?: components["schemas"]["SearchNode"];
        };
        TypeSchema: {
            obj_type?: string;
            table?: string;
            columns?: {
                name?: string;
                database_type?: string;
                nullable?: boolean;
                default?: unknown;
                max_length?: number | null;
                unique?: boolean;
                indexed?: boolean;
                references?: string | null;
            }[];
            fields?: {
                name?: string;
                /** @enum {string} */
                type?: "id" | "reference" | "exact" | "text" | "html" | "integer" | "number" | "boolean" | "datetime" | "date" | "json" | "secret" | "secrets_by_role";
                required?: boolean;
                read_only?: boolean;
                nullable?: boolean;
                public?: boolean;
                choices?: unknown[];
                bounds?: {
                    minimum?: unknown;
                    maximum?: unknown;
                    minLength?: unknown;
                    maxLength?: unknown;
                    pattern?: unknown;
                    format?: unknown;
                };
                help_text?: string;
                operators?: string[];
                references?: string | null;
            }[];
            views?: {
                [key: string]: string[];
            };
            parents?: string[];
            children?: string[];
            searchable?: string[];
            order_by?: string[];
            roles?: {
                /** @enum {string} */
                read?: "presenter" | "device" | "guest" | "exhibitor" | "user" | "administrator" | "manager" | "super" | "nobody";
                /** @enum {string} */
                create?: "presenter" | "device" | "guest" | "exhibitor" | "user" | "administrator" | "manager" | "super" | "nobody";
                /** @enum {string} */
                update?: "presenter" | "device" | "guest" | "exhibitor" | "user" | "administrator" | "manager" | "super" | "nobody";
                /** @enum {string} */
                delete?: "presenter" | "device" | "guest" | "exhibitor" | "user" | "administrator" | "manager" | "super" | "nobody";
                /** @enum {string} */
                hard_delete?: "presenter" | "device" | "guest" | "exhibitor" | "user" | "administrator" | "manager" | "super" | "nobody";
            };
            json_schema?: {
                create?: Record<string, unknown>;
                update?: Record<string, unknown>;
            };
        };
        Account: {
            id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            code?: string;
            name?: string;
            short_name?: string | null;
            description?: string | null;
            time_zone?: string;
            /** @description Least role: administrator. */
            cfg_json?: Record<string, unknown> | unknown[] | null;
        };
        AccountCreate: {
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            code: string;
            name: string;
            short_name?: string | null;
            description?: string | null;
            /** @default UTC */
            time_zone?: string;
            cfg_json?: Record<string, unknown> | unknown[] | null;
        };
        AccountUpdate: {
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            code?: string;
            name?: string;
            short_name?: string | null;
            description?: string | null;
            time_zone?: string;
            cfg_json?: Record<string, unknown> | unknown[] | null;
        };
        Archive: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its site. */
            site_id?: string | null;
            name?: string;
            description?: string | null;
            code?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            site_name?: string | null;
            /** @description In the view enriched. */
            archive_content_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_site=true. */
            site?: components["schemas"]["Site"] | null;
        };
        ArchiveCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            site_id?: string | null;
            name: string;
            description?: string | null;
            code?: string | null;
        };
        ArchiveUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            site_id?: string | null;
            name?: string;
            description?: string | null;
            code?: string | null;
        };
        ArchiveContent: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its archive. */
            archive_id?: string;
            /** @description The id of its hosted_file. */
            hosted_file_id?: string | null;
            name?: string;
            description?: string | null;
            type_code?: string | null;
            url?: string | null;
            /** Format: date-time */
            original_datetime?: string | null;
            credit?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            archive_name?: string | null;
            /** @description In the view enriched. */
            hosted_file_filename?: string | null;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_archive=true. */
            archive?: components["schemas"]["Archive"] | null;
            /** @description With inc_hosted_file=true. */
            hosted_file?: components["schemas"]["HostedFile"] | null;
            /** @description With inc_hosted_file=true. */
            hosted_file_hash_sha256?: string | null;
            /** @description With inc_hosted_file=true. */
            hosted_file_subdirectory_path?: string | null;
            /** @description With inc_hosted_file=true. */
            hosted_file_content_type?: string | null;
            /** @description With inc_hosted_file=true. */
            hosted_file_size?: string | null;
        };
        ArchiveContentCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            archive_id: string;
            hosted_file_id?: string | null;
            name: string;
            description?: string | null;
            type_code?: string | null;
            /** Format: uri */
            url?: string | null;
            /** Format: date-time */
            original_datetime?: string | null;
            credit?: string | null;
        };
        ArchiveContentUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            archive_id?: string;
            hosted_file_id?: string | null;
            name?: string;
            description?: string | null;
            type_code?: string | null;
            /** Format: uri */
            url?: string | null;
            /** Format: date-time */
            original_datetime?: string | null;
            credit?: string | null;
        };
        Contact: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its person. */
            person_id?: string | null;
            /** @description The id of its organization. */
            organization_id?: string | null;
            type?: string | null;
            email?: string | null;
            phone?: string | null;
            mobile?: string | null;
            address_line_1?: string | null;
            address_line_2?: string | null;
            address_line_3?: string | null;
            city?: string | null;
            country_subdivision?: string | null;
            postal_code?: string | null;
            country?: string | null;
            time_zone?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            person_full_name?: string | null;
            /** @description In the view enriched. */
            organization_name?: string | null;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_person=true. */
            person?: components["schemas"]["Person"] | null;
            /** @description With inc_organization=true. */
            organization?: components["schemas"]["Organization"] | null;
        };
        ContactCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            person_id?: string | null;
            organization_id?: string | null;
            type?: string | null;
            /** Format: email */
            email?: string | null;
            phone?: string | null;
            mobile?: string | null;
            address_line_1?: string | null;
            address_line_2?: string | null;
            address_line_3?: string | null;
            city?: string | null;
            country_subdivision?: string | null;
            postal_code?: string | null;
            country?: string | null;
            time_zone?: string | null;
        };
        ContactUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            person_id?: string | null;
            organization_id?: string | null;
            type?: string | null;
            /** Format: email */
            email?: string | null;
            phone?: string | null;
            mobile?: string | null;
            address_line_1?: string | null;
            address_line_2?: string | null;
            address_line_3?: string | null;
            city?: string | null;
            country_subdivision?: string | null;
            postal_code?: string | null;
            country?: string | null;
            time_zone?: string | null;
        };
        Event: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its site. */
            site_id?: string | null;
            code?: string | null;
            name?: string;
            summary?: string | null;
            description?: string | null;
            type_code?: string | null;
            /** Format: date-time */
            start_datetime?: string | null;
            /** Format: date-time */
            end_datetime?: string | null;
            time_zone?: string | null;
            location_text?: string | null;
            external_id?: string | null;
            cfg_json?: Record<string, unknown> | unknown[] | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            site_name?: string | null;
            /** @description In the view enriched. */
            event_session_count?: number;
            /** @description In the view enriched. */
            event_exhibit_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_site=true. */
            site?: components["schemas"]["Site"] | null;
        };
        EventCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            site_id?: string | null;
            code?: string | null;
            name: string;
            summary?: string | null;
            description?: string | null;
            type_code?: string | null;
            /** Format: date-time */
            start_datetime?: string | null;
            /** Format: date-time */
            end_datetime?: string | null;
            time_zone?: string | null;
            location_text?: string | null;
            external_id?: string | null;
            cfg_json?: Record<string, unknown> | unknown[] | null;
        };
        EventUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            site_id?: string | null;
            code?: string | null;
            name?: string;
            summary?: string | null;
            description?: string | null;
            type_code?: string | null;
            /** Format: date-time */
            start_datetime?: string | null;
            /** Format: date-time */
            end_datetime?: string | null;
            time_zone?: string | null;
            location_text?: string | null;
            external_id?: string | null;
            cfg_json?: Record<string, unknown> | unknown[] | null;
        };
        EventBadge: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its event. */
            event_id?: string;
            /** @description The id of its event_person. */
            event_person_id?: string | null;
            /** @description The id of its event_badge_template. */
            event_badge_template_id?: string | null;
            given_name?: string | null;
            family_name?: string | null;
            full_name?: string | null;
            full_name_override?: string | null;
            professional_title?: string | null;
            affiliations?: string | null;
            location?: string | null;
            email?: string | null;
            phone?: string | null;
            badge_type_code?: string | null;
            allow_tracking?: boolean;
            print_count?: number;
            /** Format: date-time */
            first_printed_on?: string | null;
            /** Format: date-time */
            last_printed_on?: string | null;
            external_id?: string | null;
            /** @description What the badge's QR code holds */
            badge_token?: string;
            /** @description For the attendee alone Least role: administrator. */
            consent_token?: string;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            event_name?: string | null;
            /** @description In the view enriched. */
            event_person_full_name?: string | null;
            /** @description In the view enriched. */
            event_badge_template_name?: string | null;
            /** @description In the view enriched. */
            event_exhibit_tracking_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_event=true. */
            event?: components["schemas"]["Event"] | null;
            /** @description With inc_event_person=true. */
            event_person?: components["schemas"]["EventPerson"] | null;
            /** @description With inc_event_badge_template=true. */
            event_badge_template?: components["schemas"]["EventBadgeTemplate"] | null;
        };
        EventBadgeCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id: string;
            event_person_id?: string | null;
            event_badge_template_id?: string | null;
            given_name?: string | null;
            family_name?: string | null;
            full_name?: string | null;
            full_name_override?: string | null;
            professional_title?: string | null;
            affiliations?: string | null;
            location?: string | null;
            /** Format: email */
            email?: string | null;
            phone?: string | null;
            badge_type_code?: string | null;
            /** @default false */
            allow_tracking?: boolean;
            /** @default 0 */
            print_count?: number;
            /** Format: date-time */
            first_printed_on?: string | null;
            /** Format: date-time */
            last_printed_on?: string | null;
            external_id?: string | null;
        };
        EventBadgeUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id?: string;
            event_person_id?: string | null;
            event_badge_template_id?: string | null;
            given_name?: string | null;
            family_name?: string | null;
            full_name?: string | null;
            full_name_override?: string | null;
            professional_title?: string | null;
            affiliations?: string | null;
            location?: string | null;
            /** Format: email */
            email?: string | null;
            phone?: string | null;
            badge_type_code?: string | null;
            allow_tracking?: boolean;
            print_count?: number;
            /** Format: date-time */
            first_printed_on?: string | null;
            /** Format: date-time */
            last_printed_on?: string | null;
            external_id?: string | null;
        };
        EventBadgeConsent: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its event_badge. */
            event_badge_id?: string;
            /** @description Empty: every exhibit, those that scan the badge later too The id of its event_exhibit. */
            event_exhibit_id?: string | null;
            share?: boolean;
            /** Format: date-time */
            decided_on?: string;
            decided_by?: string | null;
            /** @enum {string} */
            how?: "attendee" | "staff" | "import" | "created";
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            event_badge_full_name?: string | null;
            /** @description In the view enriched. */
            event_exhibit_name?: string | null;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_event_badge=true. */
            event_badge?: components["schemas"]["EventBadge"] | null;
            /** @description With inc_event_exhibit=true. */
            event_exhibit?: components["schemas"]["EventExhibit"] | null;
        };
        EventBadgeTemplate: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its event. */
            event_id?: string;
            name?: string;
            width_mm?: number;
            height_mm?: number;
            layout_json?: Record<string, unknown> | unknown[] | null;
            /** @description The id of its hosted_file. */
            background_hosted_file_id?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            event_name?: string | null;
            /** @description In the view enriched. */
            background_hosted_file_filename?: string | null;
            /** @description In the view enriched. */
            event_badge_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_event=true. */
            event?: components["schemas"]["Event"] | null;
            /** @description With inc_background_hosted_file=true. */
            background_hosted_file?: components["schemas"]["HostedFile"] | null;
            /** @description With inc_background_hosted_file=true. */
            background_hosted_file_hash_sha256?: string | null;
            /** @description With inc_background_hosted_file=true. */
            background_hosted_file_subdirectory_path?: string | null;
            /** @description With inc_background_hosted_file=true. */
            background_hosted_file_content_type?: string | null;
            /** @description With inc_background_hosted_file=true. */
            background_hosted_file_size?: string | null;
        };
        EventBadgeTemplateCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id: string;
            name: string;
            /** @default 86 */
            width_mm?: number;
            /** @default 54 */
            height_mm?: number;
            layout_json?: Record<string, unknown> | unknown[] | null;
            background_hosted_file_id?: string | null;
        };
        EventBadgeTemplateUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id?: string;
            name?: string;
            width_mm?: number;
            height_mm?: number;
            layout_json?: Record<string, unknown> | unknown[] | null;
            background_hosted_file_id?: string | null;
        };
        EventDevice: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its event. */
            event_id?: string;
            /** @description The id of its event_location. */
            event_location_id?: string | null;
            code?: string | null;
            name?: string;
            type_code?: string | null;
            cfg_json?: Record<string, unknown> | unknown[] | null;
            status_json?: Record<string, unknown> | unknown[] | null;
            /** Format: date-time */
            last_seen_on?: string | null;
            /** @enum {string|null} */
            profile?: "launcher" | "signage" | "scanner" | "kiosk" | null;
            platform?: string | null;
            version?: string | null;
            provisioned_by?: string | null;
            /** Format: date-time */
            enrolled_on?: string | null;
            /** Format: date-time */
            revoked_on?: string | null;
            /** Format: date-time */
            last_report_on?: string | null;
            clock_error_seconds?: number | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            event_name?: string | null;
            /** @description In the view enriched. */
            event_location_name?: string | null;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_event=true. */
            event?: components["schemas"]["Event"] | null;
            /** @description With inc_event_location=true. */
            event_location?: components["schemas"]["EventLocation"] | null;
        };
        EventDeviceCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id: string;
            event_location_id?: string | null;
            code?: string | null;
            name: string;
            type_code?: string | null;
            cfg_json?: Record<string, unknown> | unknown[] | null;
            status_json?: Record<string, unknown> | unknown[] | null;
            /** Format: date-time */
            last_seen_on?: string | null;
        };
        EventDeviceUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id?: string;
            event_location_id?: string | null;
            code?: string | null;
            name?: string;
            type_code?: string | null;
            cfg_json?: Record<string, unknown> | unknown[] | null;
            status_json?: Record<string, unknown> | unknown[] | null;
            /** Format: date-time */
            last_seen_on?: string | null;
        };
        EventDeviceCommand: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its event_device. */
            event_device_id?: string;
            /** @enum {string} */
            command?: "open" | "blank" | "message" | "reload" | "identify";
            payload_json?: Record<string, unknown> | unknown[] | null;
            /** @enum {string} */
            status?: "queued" | "sent" | "acknowledged" | "failed" | "expired";
            /** Format: date-time */
            sent_on?: string | null;
            /** Format: date-time */
            answered_on?: string | null;
            message?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            event_device_name?: string | null;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_event_device=true. */
            event_device?: components["schemas"]["EventDevice"] | null;
        };
        EventExhibit: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its event. */
            event_id?: string;
            /** @description The id of its organization. */
            organization_id?: string | null;
            /** @description The id of its event_location. */
            event_location_id?: string | null;
            /** @description The booth */
            code?: string | null;
            name?: string;
            description?: string | null;
            leads_api_access?: boolean;
            leads_questions_json?: Record<string, unknown> | unknown[] | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            event_name?: string | null;
            /** @description In the view enriched. */
            organization_name?: string | null;
            /** @description In the view enriched. */
            event_location_name?: string | null;
            /** @description In the view enriched. */
            event_exhibit_tracking_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_event=true. */
            event?: components["schemas"]["Event"] | null;
            /** @description With inc_organization=true. */
            organization?: components["schemas"]["Organization"] | null;
            /** @description With inc_event_location=true. */
            event_location?: components["schemas"]["EventLocation"] | null;
        };
        EventExhibitCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id: string;
            organization_id?: string | null;
            event_location_id?: string | null;
            /** @description The booth */
            code?: string | null;
            name: string;
            description?: string | null;
            /** @default false */
            leads_api_access?: boolean;
            leads_questions_json?: Record<string, unknown> | unknown[] | null;
            passcode?: string | null;
        };
        EventExhibitUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id?: string;
            organization_id?: string | null;
            event_location_id?: string | null;
            /** @description The booth */
            code?: string | null;
            name?: string;
            description?: string | null;
            leads_api_access?: boolean;
            leads_questions_json?: Record<string, unknown> | unknown[] | null;
            passcode?: string | null;
        };
        EventExhibitTracking: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its event_exhibit. */
            event_exhibit_id?: string;
            /** @description The id of its event_badge. */
            event_badge_id?: string | null;
            /** Format: date-time */
            captured_on?: string | null;
            captured_by?: string | null;
            rating?: number | null;
            exhibitor_notes?: string | null;
            responses_json?: Record<string, unknown> | unknown[] | null;
            client_ref?: string | null;
            /** Format: date-time */
            device_captured_on?: string | null;
            /** Format: date-time */
            received_on?: string | null;
            scan_count?: number;
            tags_json?: Record<string, unknown> | unknown[] | null;
            contact_shared?: boolean;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            event_exhibit_name?: string | null;
            /** @description In the view enriched. */
            event_exhibit_code?: string | null;
            /** @description In the view enriched. */
            event_badge_full_name?: string | null;
            /** @description In the view enriched. */
            event_badge_affiliations?: string | null;
            /** @description In the view enriched. */
            event_badge_professional_title?: string | null;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_event_exhibit=true. */
            event_exhibit?: components["schemas"]["EventExhibit"] | null;
            /** @description With inc_event_badge=true. */
            event_badge?: components["schemas"]["EventBadge"] | null;
        };
        EventExhibitTrackingCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_exhibit_id: string;
            event_badge_id?: string | null;
            /** Format: date-time */
            captured_on?: string | null;
            captured_by?: string | null;
            rating?: number | null;
            exhibitor_notes?: string | null;
            responses_json?: Record<string, unknown> | unknown[] | null;
            tags_json?: Record<string, unknown> | unknown[] | null;
        };
        EventExhibitTrackingUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_exhibit_id?: string;
            event_badge_id?: string | null;
            /** Format: date-time */
            captured_on?: string | null;
            captured_by?: string | null;
            rating?: number | null;
            exhibitor_notes?: string | null;
            responses_json?: Record<string, unknown> | unknown[] | null;
            tags_json?: Record<string, unknown> | unknown[] | null;
        };
        EventFile: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its event. */
            event_id?: string | null;
            /** @description The id of its event_session. */
            event_session_id?: string | null;
            /** @description The id of its event_presentation. */
            event_presentation_id?: string | null;
            /** @description The id of its event_presenter. */
            event_presenter_id?: string | null;
            /** @description The id of its event_location. */
            event_location_id?: string | null;
            /** @description The id of its event_exhibit. */
            event_exhibit_id?: string | null;
            /** @description The id of its hosted_file. */
            hosted_file_id?: string;
            filename?: string | null;
            extension?: string | null;
            title?: string | null;
            description?: string | null;
            /** @enum {string|null} */
            for_type?: "event" | "event_session" | "event_presentation" | "event_presenter" | "event_location" | "event_exhibit" | null;
            for_id?: string | null;
            open_in?: string | null;
            /** @enum {string|null} */
            slot?: "slides" | "video" | "poster" | "handout" | "other" | null;
            version?: number;
            is_current?: boolean;
            /** @enum {string} */
            slot_state?: "uploaded" | "approved" | "rejected" | "frozen";
            approved?: boolean;
            /** Format: date-time */
            approved_on?: string | null;
            approved_by?: string | null;
            rejected_reason?: string | null;
            /** Format: date-time */
            frozen_on?: string | null;
            /** @description Staff let it change all the same */
            freeze_lifted?: boolean;
            /**
             * @description What a look into it has come to; empty until then
             * @enum {string|null}
             */
            preflight_level?: "clean" | "info" | "warning" | "error" | "unsupported" | null;
            save_as?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            event_name?: string | null;
            /** @description In the view enriched. */
            event_session_name?: string | null;
            /** @description In the view enriched. */
            event_session_code?: string | null;
            /** @description In the view enriched. */
            event_presentation_name?: string | null;
            /** @description In the view enriched. */
            event_presenter_full_name?: string | null;
            /** @description In the view enriched. */
            event_location_name?: string | null;
            /** @description In the view enriched. */
            event_exhibit_name?: string | null;
            /** @description In the view enriched. */
            hosted_file_filename?: string | null;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_event=true. */
            event?: components["schemas"]["Event"] | null;
            /** @description With inc_event_session=true. */
            event_session?: components["schemas"]["EventSession"] | null;
            /** @description With inc_event_presentation=true. */
            event_presentation?: components["schemas"]["EventPresentation"] | null;
            /** @description With inc_event_presenter=true. */
            event_presenter?: components["schemas"]["EventPresenter"] | null;
            /** @description With inc_event_location=true. */
            event_location?: components["schemas"]["EventLocation"] | null;
            /** @description With inc_event_exhibit=true. */
            event_exhibit?: components["schemas"]["EventExhibit"] | null;
            /** @description With inc_hosted_file=true. */
            hosted_file?: components["schemas"]["HostedFile"] | null;
            /** @description With inc_hosted_file=true. */
            hosted_file_hash_sha256?: string | null;
            /** @description With inc_hosted_file=true. */
            hosted_file_subdirectory_path?: string | null;
            /** @description With inc_hosted_file=true. */
            hosted_file_content_type?: string | null;
            /** @description With inc_hosted_file=true. */
            hosted_file_size?: string | null;
        };
        EventFileCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id?: string | null;
            event_session_id?: string | null;
            event_presentation_id?: string | null;
            event_presenter_id?: string | null;
            event_location_id?: string | null;
            event_exhibit_id?: string | null;
            hosted_file_id: string;
            filename?: string | null;
            extension?: string | null;
            title?: string | null;
            description?: string | null;
            /** @enum {string|null} */
            for_type?: "event" | "event_session" | "event_presentation" | "event_presenter" | "event_location" | "event_exhibit" | "" | null;
            for_id?: string | null;
            open_in?: string | null;
            /** @enum {string|null} */
            slot?: "slides" | "video" | "poster" | "handout" | "other" | "" | null;
        };
        EventFileUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id?: string | null;
            event_session_id?: string | null;
            event_presentation_id?: string | null;
            event_presenter_id?: string | null;
            event_location_id?: string | null;
            event_exhibit_id?: string | null;
            hosted_file_id?: string;
            filename?: string | null;
            extension?: string | null;
            title?: string | null;
            description?: string | null;
            /** @enum {string|null} */
            for_type?: "event" | "event_session" | "event_presentation" | "event_presenter" | "event_location" | "event_exhibit" | "" | null;
            for_id?: string | null;
            open_in?: string | null;
            /** @enum {string|null} */
            slot?: "slides" | "video" | "poster" | "handout" | "other" | "" | null;
        };
        EventLocation: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its event. */
            event_id?: string;
            code?: string | null;
            name?: string;
            description?: string | null;
            capacity?: number | null;
            screen_width?: number | null;
            screen_height?: number | null;
            fonts_json?: Record<string, unknown> | unknown[] | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            event_name?: string | null;
            /** @description In the view enriched. */
            event_session_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_event=true. */
            event?: components["schemas"]["Event"] | null;
        };
        EventLocationCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id: string;
            code?: string | null;
            name: string;
            description?: string | null;
            capacity?: number | null;
            screen_width?: number | null;
            screen_height?: number | null;
            fonts_json?: Record<string, unknown> | unknown[] | null;
        };
        EventLocationUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id?: string;
            code?: string | null;
            name?: string;
            description?: string | null;
            capacity?: number | null;
            screen_width?: number | null;
            screen_height?: number | null;
            fonts_json?: Record<string, unknown> | unknown[] | null;
        };
        EventPerson: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its event. */
            event_id?: string;
            /** @description The id of its person. */
            person_id?: string | null;
            registration_type_code?: string | null;
            external_id?: string | null;
            given_name?: string | null;
            family_name?: string | null;
            full_name?: string | null;
            professional_title?: string | null;
            affiliations?: string | null;
            email?: string | null;
            phone?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            event_name?: string | null;
            /** @description In the view enriched. */
            person_full_name?: string | null;
            /** @description In the view enriched. */
            event_badge_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_event=true. */
            event?: components["schemas"]["Event"] | null;
            /** @description With inc_person=true. */
            person?: components["schemas"]["Person"] | null;
        };
        EventPersonCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id: string;
            person_id?: string | null;
            registration_type_code?: string | null;
            external_id?: string | null;
            given_name?: string | null;
            family_name?: string | null;
            professional_title?: string | null;
            affiliations?: string | null;
            /** Format: email */
            email?: string | null;
            phone?: string | null;
        };
        EventPersonUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id?: string;
            person_id?: string | null;
            registration_type_code?: string | null;
            external_id?: string | null;
            given_name?: string | null;
            family_name?: string | null;
            professional_title?: string | null;
            affiliations?: string | null;
            /** Format: email */
            email?: string | null;
            phone?: string | null;
        };
        EventPresentation: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its event_session. */
            event_session_id?: string;
            code?: string | null;
            name?: string;
            description?: string | null;
            /** Format: date-time */
            start_datetime?: string | null;
            /** Format: date-time */
            end_datetime?: string | null;
            external_id?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            event_session_name?: string | null;
            /** @description In the view enriched. */
            event_session_code?: string | null;
            /** @description In the view enriched. */
            event_presenter_count?: number;
            /** @description In the view enriched. */
            event_file_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_event_session=true. */
            event_session?: components["schemas"]["EventSession"] | null;
        };
        EventPresentationCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_session_id: string;
            code?: string | null;
            name: string;
            description?: string | null;
            /** Format: date-time */
            start_datetime?: string | null;
            /** Format: date-time */
            end_datetime?: string | null;
            external_id?: string | null;
        };
        EventPresentationUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_session_id?: string;
            code?: string | null;
            name?: string;
            description?: string | null;
            /** Format: date-time */
            start_datetime?: string | null;
            /** Format: date-time */
            end_datetime?: string | null;
            external_id?: string | null;
        };
        EventPresenter: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its event_presentation. */
            event_presentation_id?: string;
            /** @description The id of its event_session. */
            event_session_id?: string | null;
            /** @description The id of its person. */
            person_id?: string | null;
            given_name?: string | null;
            family_name?: string | null;
            full_name?: string | null;
            professional_title?: string | null;
            affiliations?: string | null;
            email?: string | null;
            biography?: string | null;
            role_code?: string | null;
            /** Format: date-time */
            agreed_on?: string | null;
            /** Format: date-time */
            arrived_on?: string | null;
            external_id?: string | null;
            /**
             * Format: date-time
             * @description Least role: administrator.
             */
            upload_link_made_on?: string | null;
            /**
             * Format: date-time
             * @description Least role: administrator.
             */
            upload_link_expires_on?: string | null;
            /**
             * Format: date-time
             * @description Least role: administrator.
             */
            upload_link_mailed_on?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            event_presentation_name?: string | null;
            /** @description In the view enriched. */
            event_session_name?: string | null;
            /** @description In the view enriched. */
            person_full_name?: string | null;
            /** @description In the view enriched. */
            event_file_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_event_presentation=true. */
            event_presentation?: components["schemas"]["EventPresentation"] | null;
            /** @description With inc_event_session=true. */
            event_session?: components["schemas"]["EventSession"] | null;
            /** @description With inc_person=true. */
            person?: components["schemas"]["Person"] | null;
        };
        EventPresenterCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_presentation_id: string;
            event_session_id?: string | null;
            person_id?: string | null;
            given_name?: string | null;
            family_name?: string | null;
            professional_title?: string | null;
            affiliations?: string | null;
            /** Format: email */
            email?: string | null;
            biography?: string | null;
            role_code?: string | null;
            /** Format: date-time */
            agreed_on?: string | null;
            external_id?: string | null;
        };
        EventPresenterUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_presentation_id?: string;
            event_session_id?: string | null;
            person_id?: string | null;
            given_name?: string | null;
            family_name?: string | null;
            professional_title?: string | null;
            affiliations?: string | null;
            /** Format: email */
            email?: string | null;
            biography?: string | null;
            role_code?: string | null;
            /** Format: date-time */
            agreed_on?: string | null;
            external_id?: string | null;
        };
        EventSession: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its event. */
            event_id?: string;
            /** @description The id of its event_location. */
            event_location_id?: string | null;
            /** @description The id of its person. */
            poc_person_id?: string | null;
            code?: string | null;
            name?: string;
            description?: string | null;
            type_code?: string | null;
            /** Format: date-time */
            start_datetime?: string | null;
            /** Format: date-time */
            end_datetime?: string | null;
            external_id?: string | null;
            /** @description Of each presentation; null: as the event says */
            expected_slots?: Record<string, unknown> | unknown[] | null;
            /**
             * Format: date-time
             * @description Null: when the session starts
             */
            upload_deadline?: string | null;
            /** @description Before the start; null: as the event's cfg_json says */
            freeze_minutes?: number | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            event_name?: string | null;
            /** @description In the view enriched. */
            event_location_name?: string | null;
            /** @description In the view enriched. */
            poc_person_full_name?: string | null;
            /** @description In the view enriched. */
            event_presentation_count?: number;
            /** @description In the view enriched. */
            event_file_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_event=true. */
            event?: components["schemas"]["Event"] | null;
            /** @description With inc_event_location=true. */
            event_location?: components["schemas"]["EventLocation"] | null;
            /** @description With inc_poc_person=true. */
            poc_person?: components["schemas"]["Person"] | null;
        };
        EventSessionCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id: string;
            event_location_id?: string | null;
            poc_person_id?: string | null;
            code?: string | null;
            name: string;
            description?: string | null;
            type_code?: string | null;
            /** Format: date-time */
            start_datetime?: string | null;
            /** Format: date-time */
            end_datetime?: string | null;
            external_id?: string | null;
            /** @description Of each presentation; null: as the event says */
            expected_slots?: Record<string, unknown> | unknown[] | null;
            /**
             * Format: date-time
             * @description Null: when the session starts
             */
            upload_deadline?: string | null;
            /** @description Before the start; null: as the event's cfg_json says */
            freeze_minutes?: number | null;
        };
        EventSessionUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            event_id?: string;
            event_location_id?: string | null;
            poc_person_id?: string | null;
            code?: string | null;
            name?: string;
            description?: string | null;
            type_code?: string | null;
            /** Format: date-time */
            start_datetime?: string | null;
            /** Format: date-time */
            end_datetime?: string | null;
            external_id?: string | null;
            /** @description Of each presentation; null: as the event says */
            expected_slots?: Record<string, unknown> | unknown[] | null;
            /**
             * Format: date-time
             * @description Null: when the session starts
             */
            upload_deadline?: string | null;
            /** @description Before the start; null: as the event's cfg_json says */
            freeze_minutes?: number | null;
        };
        HostedFile: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            hash_sha256?: string | null;
            subdirectory_path?: string | null;
            filename?: string;
            extension?: string | null;
            content_type?: string | null;
            size?: number | null;
            title?: string | null;
            description?: string | null;
            /** @enum {string} */
            status?: "queued" | "processing" | "ready" | "failed";
            status_message?: string | null;
            progress?: number | null;
            /** @description The id of its hosted_file. */
            source_hosted_file_id?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            source_hosted_file_filename?: string | null;
            /** @description In the view enriched. */
            hosted_file_link_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_source_hosted_file=true. */
            source_hosted_file?: components["schemas"]["HostedFile"] | null;
            /** @description With inc_source_hosted_file=true. */
            source_hosted_file_hash_sha256?: string | null;
            /** @description With inc_source_hosted_file=true. */
            source_hosted_file_subdirectory_path?: string | null;
            /** @description With inc_source_hosted_file=true. */
            source_hosted_file_content_type?: string | null;
            /** @description With inc_source_hosted_file=true. */
            source_hosted_file_size?: string | null;
        };
        HostedFileUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            filename?: string;
            extension?: string | null;
            title?: string | null;
            description?: string | null;
        };
        HostedFileLink: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its hosted_file. */
            hosted_file_id?: string;
            link_to_type?: string;
            link_to_id?: string;
            role_code?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            hosted_file_filename?: string | null;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_hosted_file=true. */
            hosted_file?: components["schemas"]["HostedFile"] | null;
            /** @description With inc_hosted_file=true. */
            hosted_file_hash_sha256?: string | null;
            /** @description With inc_hosted_file=true. */
            hosted_file_subdirectory_path?: string | null;
            /** @description With inc_hosted_file=true. */
            hosted_file_content_type?: string | null;
            /** @description With inc_hosted_file=true. */
            hosted_file_size?: string | null;
        };
        HostedFileLinkCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            hosted_file_id: string;
            link_to_type: string;
            link_to_id: string;
            role_code?: string | null;
        };
        HostedFileLinkUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            hosted_file_id?: string;
            link_to_type?: string;
            link_to_id?: string;
            role_code?: string | null;
        };
        Journal: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its person. */
            person_id?: string | null;
            name?: string;
            type_code?: string | null;
            summary?: string | null;
            description?: string | null;
            cfg_json?: Record<string, unknown> | unknown[] | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            person_full_name?: string | null;
            /** @description In the view enriched. */
            journal_entry_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_person=true. */
            person?: components["schemas"]["Person"] | null;
        };
        JournalCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            person_id?: string | null;
            name: string;
            type_code?: string | null;
            summary?: string | null;
            description?: string | null;
            cfg_json?: Record<string, unknown> | unknown[] | null;
        };
        JournalUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            person_id?: string | null;
            name?: string;
            type_code?: string | null;
            summary?: string | null;
            description?: string | null;
            cfg_json?: Record<string, unknown> | unknown[] | null;
        };
        JournalEntry: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its journal. */
            journal_id?: string;
            /** @description The id of its person. */
            person_id?: string | null;
            name?: string | null;
            category_code?: string | null;
            /** @description Markdown */
            content?: string | null;
            tags_json?: Record<string, unknown> | unknown[] | null;
            /** Format: date-time */
            start_datetime?: string | null;
            /** Format: date-time */
            end_datetime?: string | null;
            start_time_zone?: string | null;
            latitude?: number | null;
            longitude?: number | null;
            url?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            journal_name?: string | null;
            /** @description In the view enriched. */
            person_full_name?: string | null;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_journal=true. */
            journal?: components["schemas"]["Journal"] | null;
            /** @description With inc_person=true. */
            person?: components["schemas"]["Person"] | null;
        };
        JournalEntryCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            journal_id: string;
            person_id?: string | null;
            name?: string | null;
            category_code?: string | null;
            /** @description Markdown */
            content?: string | null;
            tags_json?: Record<string, unknown> | unknown[] | null;
            /** Format: date-time */
            start_datetime?: string | null;
            /** Format: date-time */
            end_datetime?: string | null;
            start_time_zone?: string | null;
            latitude?: number | null;
            longitude?: number | null;
            /** Format: uri */
            url?: string | null;
        };
        JournalEntryUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            journal_id?: string;
            person_id?: string | null;
            name?: string | null;
            category_code?: string | null;
            /** @description Markdown */
            content?: string | null;
            tags_json?: Record<string, unknown> | unknown[] | null;
            /** Format: date-time */
            start_datetime?: string | null;
            /** Format: date-time */
            end_datetime?: string | null;
            start_time_zone?: string | null;
            latitude?: number | null;
            longitude?: number | null;
            /** Format: uri */
            url?: string | null;
        };
        Organization: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            name?: string;
            description?: string | null;
            website?: string | null;
            email?: string | null;
            phone?: string | null;
            /** @description The id of its hosted_file. */
            logo_hosted_file_id?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            logo_hosted_file_filename?: string | null;
            /** @description In the view enriched. */
            person_count?: number;
            /** @description In the view enriched. */
            contact_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_logo_hosted_file=true. */
            logo_hosted_file?: components["schemas"]["HostedFile"] | null;
            /** @description With inc_logo_hosted_file=true. */
            logo_hosted_file_hash_sha256?: string | null;
            /** @description With inc_logo_hosted_file=true. */
            logo_hosted_file_subdirectory_path?: string | null;
            /** @description With inc_logo_hosted_file=true. */
            logo_hosted_file_content_type?: string | null;
            /** @description With inc_logo_hosted_file=true. */
            logo_hosted_file_size?: string | null;
        };
        OrganizationCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            name: string;
            description?: string | null;
            /** Format: uri */
            website?: string | null;
            /** Format: email */
            email?: string | null;
            phone?: string | null;
            logo_hosted_file_id?: string | null;
        };
        OrganizationUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            name?: string;
            description?: string | null;
            /** Format: uri */
            website?: string | null;
            /** Format: email */
            email?: string | null;
            phone?: string | null;
            logo_hosted_file_id?: string | null;
        };
        Page: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its site. */
            site_id?: string;
            name?: string;
            path?: string;
            title?: string | null;
            description?: string | null;
            content?: string | null;
            template_code?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            site_name?: string | null;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_site=true. */
            site?: components["schemas"]["Site"] | null;
        };
        PageCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            site_id: string;
            name: string;
            path: string;
            title?: string | null;
            description?: string | null;
            content?: string | null;
            template_code?: string | null;
        };
        PageUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            site_id?: string;
            name?: string;
            path?: string;
            title?: string | null;
            description?: string | null;
            content?: string | null;
            template_code?: string | null;
        };
        Person: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its organization. */
            organization_id?: string | null;
            prefix?: string | null;
            given_name?: string | null;
            middle_name?: string | null;
            family_name?: string | null;
            suffix?: string | null;
            full_name?: string | null;
            display_name?: string | null;
            professional_title?: string | null;
            affiliations?: string | null;
            email?: string | null;
            phone?: string | null;
            external_id?: string | null;
            biography?: string | null;
            tagline?: string | null;
            /** @description The id of its hosted_file. */
            image_hosted_file_id?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            organization_name?: string | null;
            /** @description In the view enriched. */
            image_hosted_file_filename?: string | null;
            /** @description In the view enriched. */
            contact_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_organization=true. */
            organization?: components["schemas"]["Organization"] | null;
            /** @description With inc_image_hosted_file=true. */
            image_hosted_file?: components["schemas"]["HostedFile"] | null;
            /** @description With inc_image_hosted_file=true. */
            image_hosted_file_hash_sha256?: string | null;
            /** @description With inc_image_hosted_file=true. */
            image_hosted_file_subdirectory_path?: string | null;
            /** @description With inc_image_hosted_file=true. */
            image_hosted_file_content_type?: string | null;
            /** @description With inc_image_hosted_file=true. */
            image_hosted_file_size?: string | null;
        };
        PersonCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            organization_id?: string | null;
            prefix?: string | null;
            given_name?: string | null;
            middle_name?: string | null;
            family_name?: string | null;
            suffix?: string | null;
            display_name?: string | null;
            professional_title?: string | null;
            affiliations?: string | null;
            /** Format: email */
            email?: string | null;
            phone?: string | null;
            external_id?: string | null;
            biography?: string | null;
            tagline?: string | null;
            image_hosted_file_id?: string | null;
        };
        PersonUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            organization_id?: string | null;
            prefix?: string | null;
            given_name?: string | null;
            middle_name?: string | null;
            family_name?: string | null;
            suffix?: string | null;
            display_name?: string | null;
            professional_title?: string | null;
            affiliations?: string | null;
            /** Format: email */
            email?: string | null;
            phone?: string | null;
            external_id?: string | null;
            biography?: string | null;
            tagline?: string | null;
            image_hosted_file_id?: string | null;
        };
        Post: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its site. */
            site_id?: string | null;
            /** @description The id of its person. */
            person_id?: string | null;
            title?: string | null;
            name?: string | null;
            content?: string | null;
            topic_code?: string | null;
            /** Format: date-time */
            published_on?: string | null;
            external_id?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            site_name?: string | null;
            /** @description In the view enriched. */
            person_full_name?: string | null;
            /** @description In the view enriched. */
            post_comment_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_site=true. */
            site?: components["schemas"]["Site"] | null;
            /** @description With inc_person=true. */
            person?: components["schemas"]["Person"] | null;
        };
        PostCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            site_id?: string | null;
            person_id?: string | null;
            title?: string | null;
            name?: string | null;
            content?: string | null;
            topic_code?: string | null;
            /** Format: date-time */
            published_on?: string | null;
            external_id?: string | null;
        };
        PostUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            site_id?: string | null;
            person_id?: string | null;
            title?: string | null;
            name?: string | null;
            content?: string | null;
            topic_code?: string | null;
            /** Format: date-time */
            published_on?: string | null;
            external_id?: string | null;
        };
        PostComment: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its post. */
            post_id?: string;
            /** @description The id of its person. */
            person_id?: string | null;
            name?: string | null;
            content?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            post_title?: string | null;
            /** @description In the view enriched. */
            post_name?: string | null;
            /** @description In the view enriched. */
            person_full_name?: string | null;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_post=true. */
            post?: components["schemas"]["Post"] | null;
            /** @description With inc_person=true. */
            person?: components["schemas"]["Person"] | null;
        };
        PostCommentCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            post_id: string;
            person_id?: string | null;
            name?: string | null;
            content?: string | null;
        };
        PostCommentUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            post_id?: string;
            person_id?: string | null;
            name?: string | null;
            content?: string | null;
        };
        Site: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            code?: string | null;
            name?: string;
            title?: string | null;
            description?: string | null;
            tagline?: string | null;
            cfg_json?: Record<string, unknown> | unknown[] | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            site_domain_count?: number;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
        };
        SiteCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            code?: string | null;
            name: string;
            title?: string | null;
            description?: string | null;
            tagline?: string | null;
            cfg_json?: Record<string, unknown> | unknown[] | null;
            passcodes?: {
                administrator?: string;
                manager?: string;
            } | null;
        };
        SiteUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            code?: string | null;
            name?: string;
            title?: string | null;
            description?: string | null;
            tagline?: string | null;
            cfg_json?: Record<string, unknown> | unknown[] | null;
            passcodes?: {
                administrator?: string;
                manager?: string;
            } | null;
        };
        SiteDomain: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its site. */
            site_id?: string;
            fqdn?: string;
            is_primary?: boolean;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            account_code?: string | null;
            /** @description In the view enriched. */
            site_name?: string | null;
            /** @description In the view enriched. */
            site_code?: string | null;
            /** @description In the view enriched. */
            site_title?: string | null;
            /** @description In the view enriched. */
            site_tagline?: string | null;
            /** @description In the view enriched. */
            site_cfg_json?: Record<string, unknown> | unknown[] | null;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_site=true. */
            site?: components["schemas"]["Site"] | null;
        };
        SiteDomainCreate: {
            account_id?: string;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            site_id: string;
            fqdn: string;
            /** @default false */
            is_primary?: boolean;
        };
        SiteDomainUpdate: {
            account_id?: string;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            site_id?: string;
            fqdn?: string;
            is_primary?: boolean;
        };
        User: {
            id?: string;
            /** @description The id of its account. */
            account_id?: string | null;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            /** Format: date-time */
            created_on?: string;
            /** Format: date-time */
            updated_on?: string;
            /** @description The id of its person. */
            person_id?: string | null;
            username?: string;
            email?: string | null;
            name?: string | null;
            /** @description Least role: super. */
            super?: boolean;
            manager?: boolean;
            administrator?: boolean;
            /** Format: date-time */
            verified_on?: string | null;
            /** Format: date-time */
            last_login?: string | null;
            /** @description In the view enriched. */
            account_name?: string | null;
            /** @description In the view enriched. */
            person_full_name?: string | null;
            /** @description With inc_account=true. */
            account?: components["schemas"]["Account"] | null;
            /** @description With inc_person=true. */
            person?: components["schemas"]["Person"] | null;
        };
        UserCreate: {
            account_id?: string | null;
            /** @default true */
            enable?: boolean;
            /** @default false */
            hide?: boolean;
            /** @default false */
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            person_id?: string | null;
            username: string;
            /** Format: email */
            email?: string | null;
            name?: string | null;
            password: string;
            /** @default false */
            super?: boolean;
            /** @default false */
            manager?: boolean;
            /** @default false */
            administrator?: boolean;
            /** Format: date-time */
            verified_on?: string | null;
        };
        UserUpdate: {
            account_id?: string | null;
            enable?: boolean;
            hide?: boolean;
            priority?: boolean;
            sort?: number | null;
            group?: string | null;
            notes?: string | null;
            person_id?: string | null;
            username?: string;
            /** Format: email */
            email?: string | null;
            name?: string | null;
            password?: string;
            super?: boolean;
            manager?: boolean;
            administrator?: boolean;
            /** Format: date-time */
            verified_on?: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}

/** What is read, created, updated, searched and sorted by of each object type, and what hangs on it. */
export interface ObjTypes {
  account: {
    read: components['schemas']['Account']; create: components['schemas']['AccountCreate']; update: components['schemas']['AccountUpdate'];
    views: { default: 'id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'code' | 'name' | 'short_name' | 'description' | 'time_zone' | 'cfg_json'; enriched: 'id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'code' | 'name' | 'short_name' | 'description' | 'time_zone' | 'cfg_json' };
    relations: {  };
    children: { archive: { type: 'archive'; parent: 'account_id' }; contact: { type: 'contact'; parent: 'account_id' }; event: { type: 'event'; parent: 'account_id' }; hosted_file: { type: 'hosted_file'; parent: 'account_id' }; journal: { type: 'journal'; parent: 'account_id' }; organization: { type: 'organization'; parent: 'account_id' }; person: { type: 'person'; parent: 'account_id' }; post: { type: 'post'; parent: 'account_id' }; site: { type: 'site'; parent: 'account_id' }; user: { type: 'user'; parent: 'account_id' } };
    search: 'id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'code' | 'name' | 'short_name' | 'description' | 'time_zone' | 'cfg_json';
    order_by: 'id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'code' | 'name' | 'short_name' | 'time_zone';
  };
  archive: {
    read: components['schemas']['Archive']; create: components['schemas']['ArchiveCreate']; update: components['schemas']['ArchiveUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'site_id' | 'name' | 'description' | 'code'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'site_id' | 'name' | 'description' | 'code' | 'account_name' | 'site_name' | 'archive_content_count' };
    relations: { account: 'account'; site: 'site' };
    children: { archive_content: { type: 'archive_content'; parent: 'archive_id' }; content: { type: 'archive_content'; parent: 'archive_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'site_id' | 'name' | 'description' | 'code';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'site_id' | 'name' | 'code';
  };
  archive_content: {
    read: components['schemas']['ArchiveContent']; create: components['schemas']['ArchiveContentCreate']; update: components['schemas']['ArchiveContentUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'archive_id' | 'hosted_file_id' | 'name' | 'description' | 'type_code' | 'url' | 'original_datetime' | 'credit'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'archive_id' | 'hosted_file_id' | 'name' | 'description' | 'type_code' | 'url' | 'original_datetime' | 'credit' | 'account_name' | 'archive_name' | 'hosted_file_filename' };
    relations: { account: 'account'; archive: 'archive'; hosted_file: 'hosted_file' };
    children: {  };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'archive_id' | 'hosted_file_id' | 'name' | 'description' | 'type_code' | 'url' | 'original_datetime' | 'credit';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'archive_id' | 'hosted_file_id' | 'name' | 'type_code' | 'url' | 'original_datetime' | 'credit';
  };
  contact: {
    read: components['schemas']['Contact']; create: components['schemas']['ContactCreate']; update: components['schemas']['ContactUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'person_id' | 'organization_id' | 'type' | 'email' | 'phone' | 'mobile' | 'address_line_1' | 'address_line_2' | 'address_line_3' | 'city' | 'country_subdivision' | 'postal_code' | 'country' | 'time_zone'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'person_id' | 'organization_id' | 'type' | 'email' | 'phone' | 'mobile' | 'address_line_1' | 'address_line_2' | 'address_line_3' | 'city' | 'country_subdivision' | 'postal_code' | 'country' | 'time_zone' | 'account_name' | 'person_full_name' | 'organization_name' };
    relations: { account: 'account'; person: 'person'; organization: 'organization' };
    children: {  };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'person_id' | 'organization_id' | 'type' | 'email' | 'phone' | 'mobile' | 'address_line_1' | 'address_line_2' | 'address_line_3' | 'city' | 'country_subdivision' | 'postal_code' | 'country' | 'time_zone';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'person_id' | 'organization_id' | 'type' | 'email' | 'phone' | 'mobile' | 'address_line_1' | 'address_line_2' | 'address_line_3' | 'city' | 'country_subdivision' | 'postal_code' | 'country' | 'time_zone';
  };
  event: {
    read: components['schemas']['Event']; create: components['schemas']['EventCreate']; update: components['schemas']['EventUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'site_id' | 'code' | 'name' | 'summary' | 'description' | 'type_code' | 'start_datetime' | 'end_datetime' | 'time_zone' | 'location_text' | 'external_id' | 'cfg_json'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'site_id' | 'code' | 'name' | 'summary' | 'description' | 'type_code' | 'start_datetime' | 'end_datetime' | 'time_zone' | 'location_text' | 'external_id' | 'cfg_json' | 'account_name' | 'site_name' | 'event_session_count' | 'event_exhibit_count' };
    relations: { account: 'account'; site: 'site' };
    children: { badge: { type: 'event_badge'; parent: 'event_id' }; badge_template: { type: 'event_badge_template'; parent: 'event_id' }; device: { type: 'event_device'; parent: 'event_id' }; event_badge: { type: 'event_badge'; parent: 'event_id' }; event_badge_template: { type: 'event_badge_template'; parent: 'event_id' }; event_device: { type: 'event_device'; parent: 'event_id' }; event_exhibit: { type: 'event_exhibit'; parent: 'event_id' }; event_file: { type: 'event_file'; parent: 'event_id' }; event_location: { type: 'event_location'; parent: 'event_id' }; event_person: { type: 'event_person'; parent: 'event_id' }; event_session: { type: 'event_session'; parent: 'event_id' }; exhibit: { type: 'event_exhibit'; parent: 'event_id' }; file: { type: 'event_file'; parent: 'event_id' }; location: { type: 'event_location'; parent: 'event_id' }; person: { type: 'event_person'; parent: 'event_id' }; session: { type: 'event_session'; parent: 'event_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'site_id' | 'code' | 'name' | 'summary' | 'description' | 'type_code' | 'start_datetime' | 'end_datetime' | 'time_zone' | 'location_text' | 'external_id' | 'cfg_json';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'site_id' | 'code' | 'name' | 'summary' | 'type_code' | 'start_datetime' | 'end_datetime' | 'time_zone' | 'location_text' | 'external_id';
  };
  event_badge: {
    read: components['schemas']['EventBadge']; create: components['schemas']['EventBadgeCreate']; update: components['schemas']['EventBadgeUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'event_person_id' | 'event_badge_template_id' | 'given_name' | 'family_name' | 'full_name' | 'full_name_override' | 'professional_title' | 'affiliations' | 'location' | 'email' | 'phone' | 'badge_type_code' | 'allow_tracking' | 'print_count' | 'first_printed_on' | 'last_printed_on' | 'external_id' | 'badge_token' | 'consent_token'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'event_person_id' | 'event_badge_template_id' | 'given_name' | 'family_name' | 'full_name' | 'full_name_override' | 'professional_title' | 'affiliations' | 'location' | 'email' | 'phone' | 'badge_type_code' | 'allow_tracking' | 'print_count' | 'first_printed_on' | 'last_printed_on' | 'external_id' | 'badge_token' | 'consent_token' | 'account_name' | 'event_name' | 'event_person_full_name' | 'event_badge_template_name' | 'event_exhibit_tracking_count' };
    relations: { account: 'account'; event: 'event'; event_person: 'event_person'; event_badge_template: 'event_badge_template' };
    children: { consent: { type: 'event_badge_consent'; parent: 'event_badge_id' }; event_badge_consent: { type: 'event_badge_consent'; parent: 'event_badge_id' }; event_exhibit_tracking: { type: 'event_exhibit_tracking'; parent: 'event_badge_id' }; tracking: { type: 'event_exhibit_tracking'; parent: 'event_badge_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'event_person_id' | 'event_badge_template_id' | 'given_name' | 'family_name' | 'full_name' | 'full_name_override' | 'professional_title' | 'affiliations' | 'location' | 'email' | 'phone' | 'badge_type_code' | 'allow_tracking' | 'print_count' | 'first_printed_on' | 'last_printed_on' | 'external_id' | 'badge_token' | 'consent_token';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'event_id' | 'event_person_id' | 'event_badge_template_id' | 'given_name' | 'family_name' | 'full_name' | 'full_name_override' | 'professional_title' | 'affiliations' | 'location' | 'email' | 'phone' | 'badge_type_code' | 'allow_tracking' | 'print_count' | 'first_printed_on' | 'last_printed_on' | 'external_id' | 'badge_token' | 'consent_token';
  };
  event_badge_consent: {
    read: components['schemas']['EventBadgeConsent']; create: never; update: never;
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_badge_id' | 'event_exhibit_id' | 'share' | 'decided_on' | 'decided_by' | 'how'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_badge_id' | 'event_exhibit_id' | 'share' | 'decided_on' | 'decided_by' | 'how' | 'account_name' | 'event_badge_full_name' | 'event_exhibit_name' };
    relations: { account: 'account'; event_badge: 'event_badge'; event_exhibit: 'event_exhibit' };
    children: {  };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_badge_id' | 'event_exhibit_id' | 'share' | 'decided_on' | 'decided_by' | 'how';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'event_badge_id' | 'event_exhibit_id' | 'share' | 'decided_on' | 'decided_by' | 'how';
  };
  event_badge_template: {
    read: components['schemas']['EventBadgeTemplate']; create: components['schemas']['EventBadgeTemplateCreate']; update: components['schemas']['EventBadgeTemplateUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'name' | 'width_mm' | 'height_mm' | 'layout_json' | 'background_hosted_file_id'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'name' | 'width_mm' | 'height_mm' | 'layout_json' | 'background_hosted_file_id' | 'account_name' | 'event_name' | 'background_hosted_file_filename' | 'event_badge_count' };
    relations: { account: 'account'; event: 'event'; background_hosted_file: 'hosted_file' };
    children: { badge: { type: 'event_badge'; parent: 'event_badge_template_id' }; event_badge: { type: 'event_badge'; parent: 'event_badge_template_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'name' | 'width_mm' | 'height_mm' | 'layout_json' | 'background_hosted_file_id';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'event_id' | 'name' | 'width_mm' | 'height_mm' | 'background_hosted_file_id';
  };
  event_device: {
    read: components['schemas']['EventDevice']; create: components['schemas']['EventDeviceCreate']; update: components['schemas']['EventDeviceUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'event_location_id' | 'code' | 'name' | 'type_code' | 'cfg_json' | 'status_json' | 'last_seen_on' | 'profile' | 'platform' | 'version' | 'provisioned_by' | 'enrolled_on' | 'revoked_on' | 'last_report_on' | 'clock_error_seconds'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'event_location_id' | 'code' | 'name' | 'type_code' | 'cfg_json' | 'status_json' | 'last_seen_on' | 'profile' | 'platform' | 'version' | 'provisioned_by' | 'enrolled_on' | 'revoked_on' | 'last_report_on' | 'clock_error_seconds' | 'account_name' | 'event_name' | 'event_location_name' };
    relations: { account: 'account'; event: 'event'; event_location: 'event_location' };
    children: { command: { type: 'event_device_command'; parent: 'event_device_id' }; event_device_command: { type: 'event_device_command'; parent: 'event_device_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'event_location_id' | 'code' | 'name' | 'type_code' | 'cfg_json' | 'status_json' | 'last_seen_on' | 'profile' | 'platform' | 'version' | 'provisioned_by' | 'enrolled_on' | 'revoked_on' | 'last_report_on' | 'clock_error_seconds';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'event_id' | 'event_location_id' | 'code' | 'name' | 'type_code' | 'last_seen_on' | 'profile' | 'platform' | 'version' | 'provisioned_by' | 'enrolled_on' | 'revoked_on' | 'last_report_on' | 'clock_error_seconds';
  };
  event_device_command: {
    read: components['schemas']['EventDeviceCommand']; create: never; update: never;
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_device_id' | 'command' | 'payload_json' | 'status' | 'sent_on' | 'answered_on' | 'message'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_device_id' | 'command' | 'payload_json' | 'status' | 'sent_on' | 'answered_on' | 'message' | 'account_name' | 'event_device_name' };
    relations: { account: 'account'; event_device: 'event_device' };
    children: {  };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_device_id' | 'command' | 'payload_json' | 'status' | 'sent_on' | 'answered_on' | 'message';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'event_device_id' | 'command' | 'status' | 'sent_on' | 'answered_on' | 'message';
  };
  event_exhibit: {
    read: components['schemas']['EventExhibit']; create: components['schemas']['EventExhibitCreate']; update: components['schemas']['EventExhibitUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'organization_id' | 'event_location_id' | 'code' | 'name' | 'description' | 'leads_api_access' | 'leads_questions_json'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'organization_id' | 'event_location_id' | 'code' | 'name' | 'description' | 'leads_api_access' | 'leads_questions_json' | 'account_name' | 'event_name' | 'organization_name' | 'event_location_name' | 'event_exhibit_tracking_count' };
    relations: { account: 'account'; event: 'event'; organization: 'organization'; event_location: 'event_location' };
    children: { consent: { type: 'event_badge_consent'; parent: 'event_exhibit_id' }; event_badge_consent: { type: 'event_badge_consent'; parent: 'event_exhibit_id' }; event_exhibit_tracking: { type: 'event_exhibit_tracking'; parent: 'event_exhibit_id' }; event_file: { type: 'event_file'; parent: 'event_exhibit_id' }; file: { type: 'event_file'; parent: 'event_exhibit_id' }; tracking: { type: 'event_exhibit_tracking'; parent: 'event_exhibit_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'organization_id' | 'event_location_id' | 'code' | 'name' | 'description' | 'leads_api_access' | 'leads_questions_json';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'event_id' | 'organization_id' | 'event_location_id' | 'code' | 'name' | 'leads_api_access';
  };
  event_exhibit_tracking: {
    read: components['schemas']['EventExhibitTracking']; create: components['schemas']['EventExhibitTrackingCreate']; update: components['schemas']['EventExhibitTrackingUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_exhibit_id' | 'event_badge_id' | 'captured_on' | 'captured_by' | 'rating' | 'exhibitor_notes' | 'responses_json' | 'client_ref' | 'device_captured_on' | 'received_on' | 'scan_count' | 'tags_json' | 'contact_shared'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_exhibit_id' | 'event_badge_id' | 'captured_on' | 'captured_by' | 'rating' | 'exhibitor_notes' | 'responses_json' | 'client_ref' | 'device_captured_on' | 'received_on' | 'scan_count' | 'tags_json' | 'contact_shared' | 'account_name' | 'event_exhibit_name' | 'event_exhibit_code' | 'event_badge_full_name' | 'event_badge_affiliations' | 'event_badge_professional_title' };
    relations: { account: 'account'; event_exhibit: 'event_exhibit'; event_badge: 'event_badge' };
    children: {  };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_exhibit_id' | 'event_badge_id' | 'captured_on' | 'captured_by' | 'rating' | 'exhibitor_notes' | 'responses_json' | 'client_ref' | 'device_captured_on' | 'received_on' | 'scan_count' | 'tags_json' | 'contact_shared';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'event_exhibit_id' | 'event_badge_id' | 'captured_on' | 'captured_by' | 'rating' | 'client_ref' | 'device_captured_on' | 'received_on' | 'scan_count' | 'contact_shared';
  };
  event_file: {
    read: components['schemas']['EventFile']; create: components['schemas']['EventFileCreate']; update: components['schemas']['EventFileUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'event_session_id' | 'event_presentation_id' | 'event_presenter_id' | 'event_location_id' | 'event_exhibit_id' | 'hosted_file_id' | 'filename' | 'extension' | 'title' | 'description' | 'for_type' | 'for_id' | 'open_in' | 'slot' | 'version' | 'is_current' | 'slot_state' | 'approved' | 'approved_on' | 'approved_by' | 'rejected_reason' | 'frozen_on' | 'freeze_lifted' | 'preflight_level' | 'save_as'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'event_session_id' | 'event_presentation_id' | 'event_presenter_id' | 'event_location_id' | 'event_exhibit_id' | 'hosted_file_id' | 'filename' | 'extension' | 'title' | 'description' | 'for_type' | 'for_id' | 'open_in' | 'slot' | 'version' | 'is_current' | 'slot_state' | 'approved' | 'approved_on' | 'approved_by' | 'rejected_reason' | 'frozen_on' | 'freeze_lifted' | 'preflight_level' | 'save_as' | 'account_name' | 'event_name' | 'event_session_name' | 'event_session_code' | 'event_presentation_name' | 'event_presenter_full_name' | 'event_location_name' | 'event_exhibit_name' | 'hosted_file_filename' };
    relations: { account: 'account'; event: 'event'; event_session: 'event_session'; event_presentation: 'event_presentation'; event_presenter: 'event_presenter'; event_location: 'event_location'; event_exhibit: 'event_exhibit'; hosted_file: 'hosted_file' };
    children: {  };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'event_session_id' | 'event_presentation_id' | 'event_presenter_id' | 'event_location_id' | 'event_exhibit_id' | 'hosted_file_id' | 'filename' | 'extension' | 'title' | 'description' | 'for_type' | 'for_id' | 'open_in' | 'slot' | 'version' | 'is_current' | 'slot_state' | 'approved' | 'approved_on' | 'approved_by' | 'rejected_reason' | 'frozen_on' | 'freeze_lifted' | 'preflight_level' | 'save_as';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'event_id' | 'event_session_id' | 'event_presentation_id' | 'event_presenter_id' | 'event_location_id' | 'event_exhibit_id' | 'hosted_file_id' | 'filename' | 'extension' | 'title' | 'for_type' | 'for_id' | 'open_in' | 'slot' | 'version' | 'is_current' | 'slot_state' | 'approved' | 'approved_on' | 'approved_by' | 'rejected_reason' | 'frozen_on' | 'freeze_lifted' | 'preflight_level' | 'save_as';
  };
  event_location: {
    read: components['schemas']['EventLocation']; create: components['schemas']['EventLocationCreate']; update: components['schemas']['EventLocationUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'code' | 'name' | 'description' | 'capacity' | 'screen_width' | 'screen_height' | 'fonts_json'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'code' | 'name' | 'description' | 'capacity' | 'screen_width' | 'screen_height' | 'fonts_json' | 'account_name' | 'event_name' | 'event_session_count' };
    relations: { account: 'account'; event: 'event' };
    children: { device: { type: 'event_device'; parent: 'event_location_id' }; event_device: { type: 'event_device'; parent: 'event_location_id' }; event_exhibit: { type: 'event_exhibit'; parent: 'event_location_id' }; event_file: { type: 'event_file'; parent: 'event_location_id' }; event_session: { type: 'event_session'; parent: 'event_location_id' }; exhibit: { type: 'event_exhibit'; parent: 'event_location_id' }; file: { type: 'event_file'; parent: 'event_location_id' }; session: { type: 'event_session'; parent: 'event_location_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'code' | 'name' | 'description' | 'capacity' | 'screen_width' | 'screen_height' | 'fonts_json';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'event_id' | 'code' | 'name' | 'capacity' | 'screen_width' | 'screen_height';
  };
  event_person: {
    read: components['schemas']['EventPerson']; create: components['schemas']['EventPersonCreate']; update: components['schemas']['EventPersonUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'person_id' | 'registration_type_code' | 'external_id' | 'given_name' | 'family_name' | 'full_name' | 'professional_title' | 'affiliations' | 'email' | 'phone'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'person_id' | 'registration_type_code' | 'external_id' | 'given_name' | 'family_name' | 'full_name' | 'professional_title' | 'affiliations' | 'email' | 'phone' | 'account_name' | 'event_name' | 'person_full_name' | 'event_badge_count' };
    relations: { account: 'account'; event: 'event'; person: 'person' };
    children: { badge: { type: 'event_badge'; parent: 'event_person_id' }; event_badge: { type: 'event_badge'; parent: 'event_person_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'person_id' | 'registration_type_code' | 'external_id' | 'given_name' | 'family_name' | 'full_name' | 'professional_title' | 'affiliations' | 'email' | 'phone';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'event_id' | 'person_id' | 'registration_type_code' | 'external_id' | 'given_name' | 'family_name' | 'full_name' | 'professional_title' | 'affiliations' | 'email' | 'phone';
  };
  event_presentation: {
    read: components['schemas']['EventPresentation']; create: components['schemas']['EventPresentationCreate']; update: components['schemas']['EventPresentationUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_session_id' | 'code' | 'name' | 'description' | 'start_datetime' | 'end_datetime' | 'external_id'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_session_id' | 'code' | 'name' | 'description' | 'start_datetime' | 'end_datetime' | 'external_id' | 'account_name' | 'event_session_name' | 'event_session_code' | 'event_presenter_count' | 'event_file_count' };
    relations: { account: 'account'; event_session: 'event_session' };
    children: { event_file: { type: 'event_file'; parent: 'event_presentation_id' }; event_presenter: { type: 'event_presenter'; parent: 'event_presentation_id' }; file: { type: 'event_file'; parent: 'event_presentation_id' }; presenter: { type: 'event_presenter'; parent: 'event_presentation_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_session_id' | 'code' | 'name' | 'description' | 'start_datetime' | 'end_datetime' | 'external_id';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'event_session_id' | 'code' | 'name' | 'start_datetime' | 'end_datetime' | 'external_id';
  };
  event_presenter: {
    read: components['schemas']['EventPresenter']; create: components['schemas']['EventPresenterCreate']; update: components['schemas']['EventPresenterUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_presentation_id' | 'event_session_id' | 'person_id' | 'given_name' | 'family_name' | 'full_name' | 'professional_title' | 'affiliations' | 'email' | 'biography' | 'role_code' | 'agreed_on' | 'arrived_on' | 'external_id' | 'upload_link_made_on' | 'upload_link_expires_on' | 'upload_link_mailed_on'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_presentation_id' | 'event_session_id' | 'person_id' | 'given_name' | 'family_name' | 'full_name' | 'professional_title' | 'affiliations' | 'email' | 'biography' | 'role_code' | 'agreed_on' | 'arrived_on' | 'external_id' | 'upload_link_made_on' | 'upload_link_expires_on' | 'upload_link_mailed_on' | 'account_name' | 'event_presentation_name' | 'event_session_name' | 'person_full_name' | 'event_file_count' };
    relations: { account: 'account'; event_presentation: 'event_presentation'; event_session: 'event_session'; person: 'person' };
    children: { event_file: { type: 'event_file'; parent: 'event_presenter_id' }; file: { type: 'event_file'; parent: 'event_presenter_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_presentation_id' | 'event_session_id' | 'person_id' | 'given_name' | 'family_name' | 'full_name' | 'professional_title' | 'affiliations' | 'email' | 'biography' | 'role_code' | 'agreed_on' | 'arrived_on' | 'external_id' | 'upload_link_made_on' | 'upload_link_expires_on' | 'upload_link_mailed_on';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'event_presentation_id' | 'event_session_id' | 'person_id' | 'given_name' | 'family_name' | 'full_name' | 'professional_title' | 'affiliations' | 'email' | 'role_code' | 'agreed_on' | 'arrived_on' | 'external_id' | 'upload_link_made_on' | 'upload_link_expires_on' | 'upload_link_mailed_on';
  };
  event_session: {
    read: components['schemas']['EventSession']; create: components['schemas']['EventSessionCreate']; update: components['schemas']['EventSessionUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'event_location_id' | 'poc_person_id' | 'code' | 'name' | 'description' | 'type_code' | 'start_datetime' | 'end_datetime' | 'external_id' | 'expected_slots' | 'upload_deadline' | 'freeze_minutes'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'event_location_id' | 'poc_person_id' | 'code' | 'name' | 'description' | 'type_code' | 'start_datetime' | 'end_datetime' | 'external_id' | 'expected_slots' | 'upload_deadline' | 'freeze_minutes' | 'account_name' | 'event_name' | 'event_location_name' | 'poc_person_full_name' | 'event_presentation_count' | 'event_file_count' };
    relations: { account: 'account'; event: 'event'; event_location: 'event_location'; poc_person: 'person' };
    children: { event_file: { type: 'event_file'; parent: 'event_session_id' }; event_presentation: { type: 'event_presentation'; parent: 'event_session_id' }; event_presenter: { type: 'event_presenter'; parent: 'event_session_id' }; file: { type: 'event_file'; parent: 'event_session_id' }; presentation: { type: 'event_presentation'; parent: 'event_session_id' }; presenter: { type: 'event_presenter'; parent: 'event_session_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'event_id' | 'event_location_id' | 'poc_person_id' | 'code' | 'name' | 'description' | 'type_code' | 'start_datetime' | 'end_datetime' | 'external_id' | 'expected_slots' | 'upload_deadline' | 'freeze_minutes';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'event_id' | 'event_location_id' | 'poc_person_id' | 'code' | 'name' | 'type_code' | 'start_datetime' | 'end_datetime' | 'external_id' | 'upload_deadline' | 'freeze_minutes';
  };
  hosted_file: {
    read: components['schemas']['HostedFile']; create: never; update: components['schemas']['HostedFileUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'hash_sha256' | 'subdirectory_path' | 'filename' | 'extension' | 'content_type' | 'size' | 'title' | 'description' | 'status' | 'status_message' | 'progress' | 'source_hosted_file_id'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'hash_sha256' | 'subdirectory_path' | 'filename' | 'extension' | 'content_type' | 'size' | 'title' | 'description' | 'status' | 'status_message' | 'progress' | 'source_hosted_file_id' | 'account_name' | 'source_hosted_file_filename' | 'hosted_file_link_count' };
    relations: { account: 'account'; source_hosted_file: 'hosted_file' };
    children: { archive_content: { type: 'archive_content'; parent: 'hosted_file_id' }; content: { type: 'archive_content'; parent: 'hosted_file_id' }; event_file: { type: 'event_file'; parent: 'hosted_file_id' }; file: { type: 'event_file'; parent: 'hosted_file_id' }; hosted_file_link: { type: 'hosted_file_link'; parent: 'hosted_file_id' }; link: { type: 'hosted_file_link'; parent: 'hosted_file_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'hash_sha256' | 'subdirectory_path' | 'filename' | 'extension' | 'content_type' | 'size' | 'title' | 'description' | 'status' | 'status_message' | 'progress' | 'source_hosted_file_id';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'hash_sha256' | 'subdirectory_path' | 'filename' | 'extension' | 'content_type' | 'size' | 'title' | 'status' | 'status_message' | 'progress' | 'source_hosted_file_id';
  };
  hosted_file_link: {
    read: components['schemas']['HostedFileLink']; create: components['schemas']['HostedFileLinkCreate']; update: components['schemas']['HostedFileLinkUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'hosted_file_id' | 'link_to_type' | 'link_to_id' | 'role_code'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'hosted_file_id' | 'link_to_type' | 'link_to_id' | 'role_code' | 'account_name' | 'hosted_file_filename' };
    relations: { account: 'account'; hosted_file: 'hosted_file' };
    children: {  };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'hosted_file_id' | 'link_to_type' | 'link_to_id' | 'role_code';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'hosted_file_id' | 'link_to_type' | 'link_to_id' | 'role_code';
  };
  journal: {
    read: components['schemas']['Journal']; create: components['schemas']['JournalCreate']; update: components['schemas']['JournalUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'person_id' | 'name' | 'type_code' | 'summary' | 'description' | 'cfg_json'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'person_id' | 'name' | 'type_code' | 'summary' | 'description' | 'cfg_json' | 'account_name' | 'person_full_name' | 'journal_entry_count' };
    relations: { account: 'account'; person: 'person' };
    children: { entry: { type: 'journal_entry'; parent: 'journal_id' }; journal_entry: { type: 'journal_entry'; parent: 'journal_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'person_id' | 'name' | 'type_code' | 'summary' | 'description' | 'cfg_json';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'person_id' | 'name' | 'type_code' | 'summary';
  };
  journal_entry: {
    read: components['schemas']['JournalEntry']; create: components['schemas']['JournalEntryCreate']; update: components['schemas']['JournalEntryUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'journal_id' | 'person_id' | 'name' | 'category_code' | 'content' | 'tags_json' | 'start_datetime' | 'end_datetime' | 'start_time_zone' | 'latitude' | 'longitude' | 'url'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'journal_id' | 'person_id' | 'name' | 'category_code' | 'content' | 'tags_json' | 'start_datetime' | 'end_datetime' | 'start_time_zone' | 'latitude' | 'longitude' | 'url' | 'account_name' | 'journal_name' | 'person_full_name' };
    relations: { account: 'account'; journal: 'journal'; person: 'person' };
    children: {  };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'journal_id' | 'person_id' | 'name' | 'category_code' | 'content' | 'tags_json' | 'start_datetime' | 'end_datetime' | 'start_time_zone' | 'latitude' | 'longitude' | 'url';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'journal_id' | 'person_id' | 'name' | 'category_code' | 'content' | 'start_datetime' | 'end_datetime' | 'start_time_zone' | 'latitude' | 'longitude' | 'url';
  };
  organization: {
    read: components['schemas']['Organization']; create: components['schemas']['OrganizationCreate']; update: components['schemas']['OrganizationUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'name' | 'description' | 'website' | 'email' | 'phone' | 'logo_hosted_file_id'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'name' | 'description' | 'website' | 'email' | 'phone' | 'logo_hosted_file_id' | 'account_name' | 'logo_hosted_file_filename' | 'person_count' | 'contact_count' };
    relations: { account: 'account'; logo_hosted_file: 'hosted_file' };
    children: { contact: { type: 'contact'; parent: 'organization_id' }; event_exhibit: { type: 'event_exhibit'; parent: 'organization_id' }; exhibit: { type: 'event_exhibit'; parent: 'organization_id' }; person: { type: 'person'; parent: 'organization_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'name' | 'description' | 'website' | 'email' | 'phone' | 'logo_hosted_file_id';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'name' | 'website' | 'email' | 'phone' | 'logo_hosted_file_id';
  };
  page: {
    read: components['schemas']['Page']; create: components['schemas']['PageCreate']; update: components['schemas']['PageUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'site_id' | 'name' | 'path' | 'title' | 'description' | 'content' | 'template_code'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'site_id' | 'name' | 'path' | 'title' | 'description' | 'content' | 'template_code' | 'account_name' | 'site_name' };
    relations: { account: 'account'; site: 'site' };
    children: {  };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'site_id' | 'name' | 'path' | 'title' | 'description' | 'content' | 'template_code';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'site_id' | 'name' | 'path' | 'title' | 'template_code';
  };
  person: {
    read: components['schemas']['Person']; create: components['schemas']['PersonCreate']; update: components['schemas']['PersonUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'organization_id' | 'prefix' | 'given_name' | 'middle_name' | 'family_name' | 'suffix' | 'full_name' | 'display_name' | 'professional_title' | 'affiliations' | 'email' | 'phone' | 'external_id' | 'biography' | 'tagline' | 'image_hosted_file_id'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'organization_id' | 'prefix' | 'given_name' | 'middle_name' | 'family_name' | 'suffix' | 'full_name' | 'display_name' | 'professional_title' | 'affiliations' | 'email' | 'phone' | 'external_id' | 'biography' | 'tagline' | 'image_hosted_file_id' | 'account_name' | 'organization_name' | 'image_hosted_file_filename' | 'contact_count' };
    relations: { account: 'account'; organization: 'organization'; image_hosted_file: 'hosted_file' };
    children: { comment: { type: 'post_comment'; parent: 'person_id' }; contact: { type: 'contact'; parent: 'person_id' }; entry: { type: 'journal_entry'; parent: 'person_id' }; event_person: { type: 'event_person'; parent: 'person_id' }; event_presenter: { type: 'event_presenter'; parent: 'person_id' }; journal: { type: 'journal'; parent: 'person_id' }; journal_entry: { type: 'journal_entry'; parent: 'person_id' }; person: { type: 'event_person'; parent: 'person_id' }; post: { type: 'post'; parent: 'person_id' }; post_comment: { type: 'post_comment'; parent: 'person_id' }; presenter: { type: 'event_presenter'; parent: 'person_id' }; user: { type: 'user'; parent: 'person_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'organization_id' | 'prefix' | 'given_name' | 'middle_name' | 'family_name' | 'suffix' | 'full_name' | 'display_name' | 'professional_title' | 'affiliations' | 'email' | 'phone' | 'external_id' | 'biography' | 'tagline' | 'image_hosted_file_id';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'organization_id' | 'prefix' | 'given_name' | 'middle_name' | 'family_name' | 'suffix' | 'full_name' | 'display_name' | 'professional_title' | 'affiliations' | 'email' | 'phone' | 'external_id' | 'tagline' | 'image_hosted_file_id';
  };
  post: {
    read: components['schemas']['Post']; create: components['schemas']['PostCreate']; update: components['schemas']['PostUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'site_id' | 'person_id' | 'title' | 'name' | 'content' | 'topic_code' | 'published_on' | 'external_id'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'site_id' | 'person_id' | 'title' | 'name' | 'content' | 'topic_code' | 'published_on' | 'external_id' | 'account_name' | 'site_name' | 'person_full_name' | 'post_comment_count' };
    relations: { account: 'account'; site: 'site'; person: 'person' };
    children: { comment: { type: 'post_comment'; parent: 'post_id' }; post_comment: { type: 'post_comment'; parent: 'post_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'site_id' | 'person_id' | 'title' | 'name' | 'content' | 'topic_code' | 'published_on' | 'external_id';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'site_id' | 'person_id' | 'title' | 'name' | 'topic_code' | 'published_on' | 'external_id';
  };
  post_comment: {
    read: components['schemas']['PostComment']; create: components['schemas']['PostCommentCreate']; update: components['schemas']['PostCommentUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'post_id' | 'person_id' | 'name' | 'content'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'post_id' | 'person_id' | 'name' | 'content' | 'account_name' | 'post_title' | 'post_name' | 'person_full_name' };
    relations: { account: 'account'; post: 'post'; person: 'person' };
    children: {  };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'post_id' | 'person_id' | 'name' | 'content';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'post_id' | 'person_id' | 'name';
  };
  site: {
    read: components['schemas']['Site']; create: components['schemas']['SiteCreate']; update: components['schemas']['SiteUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'code' | 'name' | 'title' | 'description' | 'tagline' | 'cfg_json'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'code' | 'name' | 'title' | 'description' | 'tagline' | 'cfg_json' | 'account_name' | 'site_domain_count' };
    relations: { account: 'account' };
    children: { archive: { type: 'archive'; parent: 'site_id' }; domain: { type: 'site_domain'; parent: 'site_id' }; event: { type: 'event'; parent: 'site_id' }; page: { type: 'page'; parent: 'site_id' }; post: { type: 'post'; parent: 'site_id' }; site_domain: { type: 'site_domain'; parent: 'site_id' } };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'code' | 'name' | 'title' | 'description' | 'tagline' | 'cfg_json';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'code' | 'name' | 'title' | 'tagline';
  };
  site_domain: {
    read: components['schemas']['SiteDomain']; create: components['schemas']['SiteDomainCreate']; update: components['schemas']['SiteDomainUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'site_id' | 'fqdn' | 'is_primary'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'site_id' | 'fqdn' | 'is_primary' | 'account_name' | 'account_code' | 'site_name' | 'site_code' | 'site_title' | 'site_tagline' | 'site_cfg_json' };
    relations: { account: 'account'; site: 'site' };
    children: {  };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'site_id' | 'fqdn' | 'is_primary';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'site_id' | 'fqdn' | 'is_primary';
  };
  user: {
    read: components['schemas']['User']; create: components['schemas']['UserCreate']; update: components['schemas']['UserUpdate'];
    views: { default: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'person_id' | 'username' | 'email' | 'name' | 'super' | 'manager' | 'administrator' | 'verified_on' | 'last_login'; enriched: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'person_id' | 'username' | 'email' | 'name' | 'super' | 'manager' | 'administrator' | 'verified_on' | 'last_login' | 'account_name' | 'person_full_name' };
    relations: { account: 'account'; person: 'person' };
    children: {  };
    search: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'notes' | 'created_on' | 'updated_on' | 'person_id' | 'username' | 'email' | 'name' | 'super' | 'manager' | 'administrator' | 'verified_on' | 'last_login';
    order_by: 'id' | 'account_id' | 'enable' | 'hide' | 'priority' | 'sort' | 'group' | 'created_on' | 'updated_on' | 'person_id' | 'username' | 'email' | 'name' | 'super' | 'manager' | 'administrator' | 'verified_on' | 'last_login';
  };
}
