FROM python
RUN pip install https://example.com/torch-2.0-cp312-cp312-manylinux_2_17_x86_64.whl
