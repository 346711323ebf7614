package dev.pgrehearse.scenario;

import java.time.Duration;
import java.util.Map;

/**
 * The user's service: so many alike instances.
 *
 * @param instances how many
 * @param workers request threads of each; Tomcat's default is 200
 * @param acceptQueue how many requests may wait for a worker at each; Tomcat's default is 100
 * @param requestTimeout after which the client gives up; the worker does not learn of it
 * @param pool HikariCP properties by name, times in milliseconds; user, password and address are not among them
 */
public record AppSpec(int instances, int workers, int acceptQueue, Duration requestTimeout, Map<String, String> pool) {}
