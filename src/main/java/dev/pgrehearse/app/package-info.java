/** The user's service: clients, instances with workers and pools, and what Kubernetes does to them. */
@NullMarked
package dev.pgrehearse.app;

import org.jspecify.annotations.NullMarked;
